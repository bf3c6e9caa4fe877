import { describe, expect, it } from 'vitest'
import { checkCpu, chooseCpu } from './cpu.ts'

const INTERRUPTS = `           CPU0       CPU1       CPU2
 36:          7     214647          3 PCI-MSIX-0000:00:02.0   1-edge      virtio1-req.0
 39:     912137          0          0 PCI-MSIX-0000:00:03.0   2-edge      virtio2-output.0
NMI:          0          0          0   Non-maskable interrupts
`
const allowed = (list: string) => `Name:\tnode\nCpus_allowed:\tf\nCpus_allowed_list:\t${list}\n`

describe('chooseCpu', () => {
  it('takes the CPU that the disk interrupts, not the network', () => {
    expect(chooseCpu(INTERRUPTS, allowed('0-2'))).toBe(1)
  })

  it('takes an allowed one only', () => {
    expect(chooseCpu(INTERRUPTS, allowed('0,2'))).toBe(0)
    expect(chooseCpu(INTERRUPTS, allowed('2'))).toBe(2)
  })

  it('takes the last allowed one where no disk is known, and none where nothing is', () => {
    expect(chooseCpu('           CPU0       CPU1\n', allowed('0-1'))).toBe(1)
    expect(chooseCpu(INTERRUPTS, 'Name:\tnode\n')).toBeNull()
    expect(chooseCpu('', allowed('0-3,6'))).toBe(6)
  })
})

describe('checkCpu', () => {
  it('refuses a CPU that may not be used, naming those that may, and nothing where nobody knows', () => {
    expect(() => checkCpu(1, allowed('0,2-3'))).toThrow(
      expect.objectContaining({ code: 'bad_input', field: 'cpu', message: expect.stringContaining('CPU 0, 2, 3') }),
    )
    for (const choice of [0, 3, 'disk', 'any'] as const) checkCpu(choice, allowed('0,2-3'))
    checkCpu(1, 'Name:\tnode\n')
  })
})

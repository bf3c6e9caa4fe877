import { describe, expect, it } from 'vitest'
import { parseSpec } from '../../contract/index.ts'
import { sampleKernel } from '../../kernel/testing/sample-kernel.ts'
import { checkKernelLanes, kernelLaneFacts } from './facts.ts'

// No way to privileges is the first reason where these tests run without; a kernel too old comes before it.
const kernel = sampleKernel((files) => files.write('proc/sys/kernel/osrelease', '4.19.0'))

describe('a kernel lane that cannot run here', () => {
  it('is listed with the reason and what to do', () => {
    const facts = kernelLaneFacts(kernel.tree)
    expect(facts.map(({ lane, available }) => [lane, available])).toEqual([
      ['kernel-swap', false],
      ['kernel-zswap', false],
      ['kernel-zram', false],
    ])
    expect(facts[0].reason).toMatch(/4\.19\.0 cannot page out.*; run it on Linux 5\.4/)
  })

  it('refuses its experiment, naming lane and reason', () => {
    const spec = parseSpec({ lanes: [{ lane: 'raw' }, { lane: 'kernel-zram' }] })
    expect(() => checkKernelLanes(spec, kernel.tree)).toThrowError(
      expect.objectContaining({
        code: 'unavailable',
        field: 'lanes.1',
        message: expect.stringMatching(/kernel-zram cannot run here.*4\.19\.0/),
      }),
    )
  })

  it('is no hindrance to an experiment without it', () => {
    expect(() => checkKernelLanes(parseSpec({ lanes: [{ lane: 'raw' }] }), kernel.tree)).not.toThrow()
  })
})

describe('the specification', () => {
  it('has a kernel lane measured, not simulated', () =>
    expect(() => parseSpec({ mode: 'simulate', lanes: [{ lane: 'kernel-swap' }] })).toThrow(/no model stands in/))
  it('gives a kernel lane RAM enough to be counted in', () =>
    expect(() => parseSpec({ memory: { frames: 1024, pool: 512 }, lanes: [{ lane: 'kernel-swap' }] })).toThrow(
      /needs at least 2048/,
    ))
  it('takes no shell in a name', () =>
    expect(() => parseSpec({ lanes: [{ lane: 'kernel-zswap', compressor: 'lzo; reboot' }] })).toThrow(/compressor/))
})

import { describe, expect, it } from 'vitest'
import { KERNEL_LANES } from '../contract/index.ts'
import { detect } from './detect.ts'
import { wayToPrivileges } from './privileges.ts'
import { SWAPS_HEAD, sampleKernel } from './testing/sample-kernel.ts'

const ROOT = { way: 'root' } as const

const kernel = sampleKernel((files) => {
  files.write('proc/sys/kernel/osrelease', '6.18.44\n')
  files.write('proc/swaps', SWAPS_HEAD)
  files.write('sys/module/zswap/parameters/enabled', 'N\n')
  files.write('sys/block/zram0/initstate', '0\n')
  files.write('sys/fs/cgroup/memory/memory.limit_in_bytes', '9223372036854771712\n')
})
const reasons = (way: Parameters<typeof detect>[2] = ROOT) =>
  KERNEL_LANES.map((lane) => detect(lane, kernel.tree, way).reason)

describe('a machine with everything', () => {
  it('offers every lane', () => expect(reasons()).toEqual([null, null, null]))
  it('offers them under version 2 of the cgroups too, where the controller is handed on', () => {
    kernel.remove('sys/fs/cgroup/memory')
    kernel.write('sys/fs/cgroup/cgroup.subtree_control', 'cpu io memory pids\n')
    kernel.write('sys/fs/cgroup/memory.reclaim', '')
    expect(reasons()).toEqual([null, null, null])
    kernel.remove('sys/fs/cgroup/memory.reclaim')
    expect(reasons()).toEqual([expect.stringContaining('memory.reclaim'), null, null])
  })
})

describe('a lane is unavailable, with the reason and the remedy,', () => {
  it('while a swap area is active', () => {
    kernel.write('proc/swaps', `${SWAPS_HEAD}/dev/sda2\tpartition\t8388604\t1024\t-2\n`)
    for (const lane of KERNEL_LANES) {
      const { reason, remedy } = detect(lane, kernel.tree, ROOT)
      expect(reason).toContain('/dev/sda2')
      expect(remedy).toContain('swapoff')
    }
  })
  it('without a memory cgroup', () => {
    kernel.remove('sys/fs/cgroup/memory')
    expect(reasons().every((reason) => reason?.includes('no memory cgroup'))).toBe(true)
  })
  it('where a setting is mounted read-only: the lanes that write it, and only where nobody has to be asked for root', () => {
    const readOnly = (part: string) => {
      kernel.tree.closed = (path) => (path.includes(part) ? 'EROFS' : null)
    }
    readOnly('module/zswap')
    expect(reasons().map(Boolean)).toEqual([false, true, false])
    expect(detect('kernel-zswap', kernel.tree, ROOT).reason).toContain('parameters/enabled cannot be written')
    kernel.write('sys/module/zswap/parameters/enabled', 'Y')
    expect(reasons().map(Boolean)).toEqual([true, true, true])
    readOnly('sys/vm/page-cluster')
    expect(reasons().map(Boolean)).toEqual([true, true, true])
    const sudo = { way: 'ask', program: '/usr/bin/sudo', arguments: [], where: 'nowhere', agent: null } as const
    expect(reasons({ ...sudo, arguments: [] })).toEqual([null, null, null])
  })
  it('without zswap: that lane alone', () => {
    kernel.remove('sys/module')
    expect(reasons().map(Boolean)).toEqual([false, true, false])
  })
  it('where zram is used by others: that lane alone', () => {
    kernel.write('sys/block/zram0/initstate', '1')
    expect(reasons().map(Boolean)).toEqual([false, false, true])
  })
  it('on a kernel that cannot page out on request', () => {
    kernel.write('proc/sys/kernel/osrelease', '5.3.18')
    expect(reasons().every((reason) => reason?.includes('5.3.18'))).toBe(true)
  })
  it('where there is no way to privileges', () => {
    expect(reasons({ way: 'none' }).every((reason) => reason?.includes('CAP_SYS_ADMIN'))).toBe(true)
  })
})

describe('the way to privileges', () => {
  const sight = (uid: number, capabilities: string, programs: string[] = [], { display = false, stat = '' } = {}) => ({
    status: () => `Name:\tnode\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nCapEff:\t${capabilities}\n`,
    stat: () => stat || '7 (node) S 1 7 7 0 -1 0',
    find: (program: string) => (programs.includes(program) ? `/usr/bin/${program}` : null),
    hasDisplay: display,
  })
  const display = true
  const all = ['sudo', 'pkexec', 'pkttyagent']
  it('is none but to start it, for root', () =>
    expect(wayToPrivileges(sight(0, '000001ffffffffff'))).toEqual({ way: 'root' }))
  it('is closed to the root of a container', () =>
    expect(wayToPrivileges(sight(0, '00000000a80425fb', ['sudo']))).toEqual({ way: 'none' }))
  it('asks through pkexec where a dialogue can appear, else through sudo, else through pkexec', () => {
    const [pkexec, sudo] = ['/usr/bin/pkexec', '/usr/bin/sudo']
    expect(wayToPrivileges(sight(1000, '0', all, { display }))).toMatchObject({ program: pkexec, where: 'desktop' })
    expect(wayToPrivileges(sight(1000, '0', all))).toMatchObject({ program: sudo, where: 'nowhere' })
    expect(wayToPrivileges(sight(1000, '0', ['pkexec']))).toMatchObject({ program: pkexec, where: 'nowhere' })
  })
  it('asks in a terminal only from the foreground of one', () => {
    const foreground = { stat: '7 (a) b) S 1 5 3 34816 5 0' }
    const background = { stat: '7 (a) b) S 1 5 3 34816 9 0' }
    expect(wayToPrivileges(sight(1000, '0', all, foreground))).toMatchObject({ where: 'terminal', arguments: [] })
    expect(wayToPrivileges(sight(1000, '0', all, background))).toMatchObject({ where: 'nowhere', arguments: ['-n'] })
    const onDesktop = { ...foreground, display }
    // An X server that was forwarded has no agent of its own.
    expect(wayToPrivileges(sight(1000, '0', all, onDesktop))).toMatchObject({ agent: '/usr/bin/pkttyagent' })
    expect(wayToPrivileges(sight(1000, '0', all, { ...background, display }))).toMatchObject({ agent: null })
  })
  it('is closed without either', () => expect(wayToPrivileges(sight(1000, '0'))).toEqual({ way: 'none' }))
})

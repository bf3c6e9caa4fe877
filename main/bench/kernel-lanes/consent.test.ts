import { describe, expect, it } from 'vitest'
import { parseSpec } from '../../contract/index.ts'
import type { Way } from '../../kernel/index.ts'
import { sampleKernel } from '../../kernel/testing/sample-kernel.ts'
import { kernelConsent, needConsent } from './consent.ts'

const ASK: Way = { way: 'ask', program: '/usr/bin/pkexec', arguments: [], where: 'desktop', agent: null }
const ROOT: Way = { way: 'root' }
const zswap = parseSpec({ lanes: [{ lane: 'raw' }, { lane: 'kernel-zswap', poolPercent: 30 }] })
const engine = parseSpec({ lanes: [{ lane: 'raw' }] })

const kernel = sampleKernel((files) => {
  files.write('proc/sys/vm/page-cluster', '3\n')
  files.write('sys/module/zswap/parameters/enabled', 'N\n')
  files.write('sys/module/zswap/parameters/max_pool_percent', '20\n')
})

describe('what the user is asked to allow', () => {
  it('names each setting with its value now and then, the file, and the journal that brings them back', () => {
    const site = { swapDir: '/mnt/fast', folder: '/data' }
    const { program, where, changes, putBack } = kernelConsent(zswap, site, kernel.tree, ASK)
    expect([program, where]).toEqual(['pkexec', 'desktop'])
    expect(changes).toContain('vm.page-cluster: 3 → 0')
    expect(changes).toContain('zswap enabled: N → Y')
    expect(changes).toContain('zswap max_pool_percent: 20 → 30')
    expect(changes.join()).toMatch(/swap file .* in \/mnt\/fast/)
    expect(putBack.join()).toMatch(/\/data\/kernel-journal\.json/)
  })

  it('is nothing where the lab is root, and where there is no kernel lane', () => {
    const site = { swapDir: '/x', folder: '/data' }
    expect(kernelConsent(zswap, site, kernel.tree, ROOT).program).toBeNull()
    expect(kernelConsent(engine, site, kernel.tree, ASK)).toEqual({
      program: null,
      where: null,
      changes: [],
      putBack: [],
    })
  })
})

describe('a run without consent', () => {
  it('is refused before it begins, so that nothing is lost', () =>
    expect(() => needConsent(zswap, false, ASK)).toThrowError(
      expect.objectContaining({ code: 'no_permission', field: 'privileged' }),
    ))
  it('begins where it was given, is not needed, or cannot be', () => {
    expect(() => needConsent(zswap, true, ASK)).not.toThrow()
    expect(() => needConsent(zswap, false, ROOT)).not.toThrow()
    expect(() => needConsent(engine, false, ASK)).not.toThrow()
  })
})

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseSpec } from '../../contract/index.ts'
import { KernelTree, type Way } from '../../kernel/index.ts'
import { kernelConsent, needConsent } from './consent.ts'

const ASK: Way = { way: 'ask', program: '/usr/bin/pkexec', arguments: [] }
const ROOT: Way = { way: 'root' }
const zswap = parseSpec({ lanes: [{ lane: 'raw' }, { lane: 'kernel-zswap', poolPercent: 30 }] })
const engine = parseSpec({ lanes: [{ lane: 'raw' }] })

let folder: string
let tree: KernelTree
const sample = (path: string, text: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'swaplab-consent-'))
  tree = new KernelTree({ proc: join(folder, 'proc'), sys: join(folder, 'sys'), etc: join(folder, 'etc') })
  sample('proc/sys/vm/page-cluster', '3\n')
  sample('sys/module/zswap/parameters/enabled', 'N\n')
  sample('sys/module/zswap/parameters/max_pool_percent', '20\n')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('what the user is asked to allow', () => {
  it('names each setting with its value now and then, the file, and the journal that brings them back', () => {
    const site = { swapDir: '/mnt/fast', folder: '/data' }
    const { program, changes, putBack } = kernelConsent(zswap, site, tree, ASK)
    expect(program).toBe('pkexec')
    expect(changes).toContain('vm.page-cluster: 3 → 0')
    expect(changes).toContain('zswap enabled: N → Y')
    expect(changes).toContain('zswap max_pool_percent: 20 → 30')
    expect(changes.join()).toMatch(/swap file .* in \/mnt\/fast/)
    expect(putBack.join()).toMatch(/\/data\/kernel-journal\.json/)
  })

  it('is nothing where the lab is root, and where there is no kernel lane', () => {
    const site = { swapDir: '/x', folder: '/data' }
    expect(kernelConsent(zswap, site, tree, ROOT).program).toBeNull()
    expect(kernelConsent(engine, site, tree, ASK)).toEqual({ program: null, changes: [], putBack: [] })
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

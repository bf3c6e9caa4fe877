import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'

const dir = mkdtempSync(join(tmpdir(), 'swaplab-hooks-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** A program that watches the hooks of a policy, and calls one that takes `ms`. */
function withHookOf(ms: number): string {
  const file = join(dir, 'endless.mjs')
  writeFileSync(
    file,
    `export default { name: 'x', title: 'x', rule: 'x', source: 'x', parameters: [],
      create: () => ({ unit: 'zpage', onStore() {}, onReclaim() { const end = Date.now() + ${ms}; while (Date.now() < end); return 0 } }) }`,
  )
  return `
    import { watchHooks } from ${JSON.stringify(join(import.meta.dirname, 'hook-watch.ts'))}
    import { hookCall, loadPolicies, policyEntry } from ${JSON.stringify(join(import.meta.dirname, '../zcache/index.ts'))}
    await loadPolicies([{ lane: 'zcache', policy: ${JSON.stringify(file)} }])
    watchHooks(hookCall, 100)
    const policy = policyEntry(${JSON.stringify(file)}).create({})
    policy.onStore()
    await new Promise((go) => setTimeout(go, 400))
    policy.onReclaim()`
}

it('names the hook that does not return, once, although the thread it runs in is held up', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', withHookOf(1500)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk
  })
  await once(child, 'close')
  expect(said).toBe(`Policy ${join(dir, 'endless.mjs')}: onReclaim has not returned for at least 0.1 s.\n`)
})

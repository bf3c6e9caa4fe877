import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'

const dir = mkdtempSync(join(tmpdir(), 'swaplab-hooks-'))
afterEach(() => rmSync(dir, { recursive: true, force: true }))

it('names the hook that does not return, once, although the thread it runs in is held up', async () => {
  const file = join(dir, 'endless.mjs')
  writeFileSync(
    file,
    `export default { name: 'x', title: 'x', rule: 'x', source: 'x', parameters: [],
      create: () => ({ unit: 'zpage', onStore() {}, onReclaim() { const end = Date.now() + 1500; while (Date.now() < end); return 0 } }) }`,
  )
  const script = `
    import { watchHooks } from ${JSON.stringify(join(import.meta.dirname, 'hook-watch.ts'))}
    import { hookCall, loadPolicies, policyEntry } from ${JSON.stringify(join(import.meta.dirname, '../zcache/index.ts'))}
    await loadPolicies([{ lane: 'zcache', policy: ${JSON.stringify(file)} }])
    watchHooks(hookCall, 100)
    const policy = policyEntry(${JSON.stringify(file)}).create({})
    policy.onStore()
    await new Promise((go) => setTimeout(go, 400))
    policy.onReclaim()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk
  })
  await once(child, 'close')
  expect(said).toBe(`Policy ${file}: onReclaim has not returned for at least 0.1 s.\n`)
})

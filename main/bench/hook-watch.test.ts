import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'

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

it('ends the process where the hook does not return and who started it is dead: nobody else could', async () => {
  const args = JSON.stringify(['--input-type=module', '-e', withHookOf(60_000)])
  const script = `
    import { spawn } from 'node:child_process'
    const engine = spawn(process.execPath, ${args}, { stdio: ['ignore', 'ignore', 'inherit'], detached: true })
    console.log(engine.pid)
    setInterval(() => {}, 1000)`
  const lab = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [pid] = (await once(lab.stdout, 'data')).map(Number)
  await once(lab.stderr, 'data')
  expect(existsSync(`/proc/${pid}`)).toBe(true)
  lab.kill('SIGKILL')
  const isGone = () => !existsSync(`/proc/${pid}`) || / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  try {
    await vi.waitFor(() => expect(isGone()).toBe(true), { timeout: 10_000, interval: 50 })
  } finally {
    if (!isGone()) process.kill(pid, 'SIGKILL')
  }
})

import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { readyHelper } from './client.ts'
import type { Asking } from './privileges.ts'

/** Stand-ins for the two programs that ask, which end as those do when the answer is no. */
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swaplab-client-'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

function asking(name: string, script: string, where: Asking['where'] = 'nowhere') {
  const program = join(folder, name)
  writeFileSync(program, `#!/bin/sh\n${script}\n`)
  chmodSync(program, 0o755)
  const way: Asking = { way: 'ask', program, arguments: [], where, agent: null }
  return [{ folder, consent: true }, way] as const
}
const asked = (name: string, script: string, where?: Asking['where']) => readyHelper(...asking(name, script, where))

const PKEXEC = (line: string, code: number) =>
  [`echo "${line}" >&2; echo "This incident has been reported." >&2`, code] as const

it.each([
  ['dismissed', ...PKEXEC('Error executing command as another user: Request dismissed', 126), /dismissed/],
  [
    'refused',
    ...PKEXEC('Error executing command as another user: Not authorized', 127),
    /password was wrong, or a polkit rule/,
  ],
  [
    'nobody',
    ...PKEXEC('Error executing command as another user: No authentication agent found.', 127),
    /nobody to ask/,
  ],
  [
    'a folder that root cannot read',
    ...PKEXEC('Error accessing /home/me/node: Permission denied', 127),
    /could not start/,
  ],
  [
    'no polkit',
    ...PKEXEC('Error getting authority: Error initializing authority: Could not connect', 127),
    /could not ask.*Could not connect/,
  ],
])('tells apart why pkexec did not start the helper: %s', async (_what, say, code, message) => {
  const error = await asked('pkexec', `${say}; exit ${code}`).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({
    code: 'no_permission',
    message: expect.stringMatching(message),
    remedy: expect.stringMatching(/Nothing was changed/),
  })
  // It was given the consent: it must not be asked for that again.
  expect(error).not.toHaveProperty('field', expect.anything())
})

it('gives pkexec no environment that it would refuse, and reads it in English', async () => {
  vi.stubEnv('SHELL', '/opt/a/shell/of/ones/own')
  vi.stubEnv('LC_ALL', 'de_DE.UTF-8')
  await expect(asked('pkexec', 'echo "Error $LC_ALL,$LANG,$SHELL" >&2; exit 127')).rejects.toMatchObject({
    message: expect.stringContaining('Error C,,.'),
  })
})

it.each([
  ['nowhere', /foreground of a terminal/],
  ['terminal', /right password/],
] as const)('says what to do where sudo was told no: it asked %s', async (where, remedy) => {
  await expect(asked('sudo', 'echo "sudo: a password is required" >&2; exit 1', where)).rejects.toMatchObject({
    code: 'no_permission',
    message: expect.stringMatching(/sudo did not allow it: sudo: a password is required/),
    remedy: expect.stringMatching(remedy),
  })
})

it.each([
  ['sudo', 'echo broken >&2; exit 1', /broken/],
  ['pkexec', 'echo "/usr/bin/env: /x/node: Permission denied" >&2; exit 126', /Permission denied/],
])('does not take another end of the helper for a no (%s)', async (name, script, message) => {
  await expect(asked(name, script)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(message),
    remedy: expect.stringMatching(/Root has to be able to read/),
  })
})

it('gives up waiting for a permission where the run is cancelled, and takes the question away', async () => {
  const cancel = new AbortController()
  const word = vi.fn()
  const [options, way] = asking('pkexec', `echo $$ > ${folder}/pid; exec sleep 20`)
  const ready = readyHelper(options, way, { signal: cancel.signal, word })
  await vi.waitFor(() => expect(readFileSync(join(folder, 'pid'), 'utf8')).toMatch(/\d+\n/))
  cancel.abort()
  await expect(ready).rejects.toMatchObject({ code: 'cancelled' })
  expect(word).toHaveBeenCalled()
  const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'))
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow())
})

it('has a terminal ask on behalf of this process before pkexec looks for somebody who does, and no longer than that', async () => {
  const [options, way] = asking(
    'pkexec',
    `cp ${folder}/registered ${folder}/seen; read request; echo '${JSON.stringify({ ok: true, answer: {} })}'; cat`,
  )
  const agent = join(folder, 'pkttyagent')
  writeFileSync(agent, `#!/bin/sh\necho "$$ $*" > ${folder}/registered\neval "exec $4>&-"\nexec sleep 20\n`)
  chmodSync(agent, 0o755)
  const helper = await readyHelper(options, { ...way, agent })
  const [, pid, words] = /^(\d+) (.*)\n$/.exec(readFileSync(join(folder, 'seen'), 'utf8')) ?? []
  expect(words).toBe(`--process ${process.pid} --notify-fd 3`)
  await vi.waitFor(() => expect(() => process.kill(Number(pid), 0)).toThrow())
  await helper.close()
})

it('ends a helper that answers with an error and goes on waiting', async () => {
  const fault = { code: 'unavailable', message: 'No status here.', remedy: 'None.' }
  const ended = join(folder, 'ended')
  const script = `read request; echo '${JSON.stringify({ ok: false, fault })}'; cat > ${folder}/more; touch ${ended}`
  await expect(readyHelper(...asking('sudo', script))).rejects.toMatchObject({
    code: 'unavailable',
    message: 'No status here.',
  })
  expect(existsSync(ended)).toBe(true)
})

it('asks as root where a lab was started by sudo, whose folder is root\u2019s', async () => {
  vi.stubEnv('SUDO_UID', '65533')
  const helper = await readyHelper({ folder, consent: false }, { way: 'root' })
  await expect(helper.status()).resolves.toMatchObject({ journal: false })
  await helper.close()
})

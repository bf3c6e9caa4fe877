import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { readyHelper, startHelper } from './client.ts'

/** Stand-ins for the two programs that ask, which end as those do when the answer is no. */
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swaplab-client-'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

function asking(name: string, script: string): Parameters<typeof readyHelper> {
  const program = join(folder, name)
  writeFileSync(program, `#!/bin/sh\n${script}\n`)
  chmodSync(program, 0o755)
  return [
    { folder, consent: true },
    { way: 'ask' as const, program, arguments: [] },
  ] as const
}
const askedBy = (name: string, script: string) => startHelper(...asking(name, script))

it.each([
  ['pkexec', 'exit 126', /refused or dismissed/],
  ['pkexec', 'exit 127', /refused or dismissed/],
  ['sudo', 'echo "sudo: a password is required" >&2; exit 1', /sudo wants a password/],
])('says that %s was told no (%s)', async (name, script, message) => {
  await expect(askedBy(name, script).status()).rejects.toMatchObject({
    code: 'no_permission',
    message: expect.stringMatching(message),
    remedy: expect.stringMatching(/Nothing was changed/),
  })
})

it('does not take another end of the helper for a no', async () => {
  await expect(askedBy('sudo', 'echo broken >&2; exit 1').status()).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/broken/),
  })
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
  const helper = startHelper({ folder, consent: false }, { way: 'root' })
  await expect(helper.status()).resolves.toMatchObject({ journal: false })
  await helper.close()
})

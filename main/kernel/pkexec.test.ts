import { spawnSync } from 'node:child_process'
import { accessSync, chownSync, constants, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** The real pkexec and polkit of this host, where they are there and we are root, who may become anybody. The reason is in the name otherwise. */

const NOBODY = 65_534
const ASKED_BY = resolve(import.meta.dirname, 'testing/asked-by.ts')

function reasonToSkip(): string | null {
  try {
    accessSync('/usr/bin/pkexec', constants.X_OK)
  } catch {
    return 'pkexec is not installed'
  }
  if (process.geteuid?.() !== 0) return 'needs root'
  const bus = '/run/dbus/system_bus_socket'
  // Polkit is started by the bus where it is not running yet.
  const polkit = ['--action-id', 'org.freedesktop.policykit.exec', '--process', String(process.pid)]
  if (!existsSync(bus) || spawnSync('pkcheck', polkit).status !== 0) return 'polkit is not running'
  const readable = spawnSync('/usr/bin/test', ['-r', ASKED_BY], { uid: NOBODY, gid: NOBODY }).status === 0
  return readable ? null : 'this folder is not for everybody to read'
}
const reason = reasonToSkip()

describe(`the real pkexec${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync('/var/tmp/swaplab-pkexec-')
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  function askedBy(uid: number): unknown {
    chownSync(folder, uid, uid)
    // Not in the folder of Swaplab, and with a shell that pkexec does not know.
    const options = {
      uid,
      gid: uid,
      cwd: '/',
      env: { ...process.env, SHELL: '/opt/no/shell' },
      encoding: 'utf8',
    } as const
    return JSON.parse(spawnSync(process.execPath, [ASKED_BY, folder], options).stdout)
  }

  it.skipIf(reason !== null)('starts the helper for whoever may, which speaks through its pipes', () =>
    expect(askedBy(0)).toMatchObject({ uid: 0, journal: false }),
  )

  it.skipIf(reason !== null)(
    'is told from every other end where there is nobody to ask, and leaves nothing behind',
    () => {
      expect(askedBy(NOBODY)).toMatchObject({ code: 'no_permission', message: expect.stringMatching(/nobody to ask/) })
      expect(readdirSync(folder)).toEqual([])
    },
  )
})

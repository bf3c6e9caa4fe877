import { spawn, spawnSync } from 'node:child_process'
import { accessSync, chownSync, constants, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { KERNEL_LANES } from '../contract/index.ts'
import { detect, KernelTree, polkitAction } from './index.ts'
import { holdKernel } from './testing/one-kernel.ts'
import { stateOfHost } from './testing/state-of-host.ts'

/**
 * The real pkexec, polkit and pkttyagent, asked by a user without privileges in a terminal. Where they are installed and we are root, who
 * may become anybody: the reason is in the name otherwise.
 */

const USER = 61_417
const PASSWORD = 'swordfish'
const HOUSE = resolve(import.meta.dirname, '../..')
const LAB = join(HOUSE, 'bin/swaplab')
const ASKED_BY = `${process.execPath} ${join(import.meta.dirname, 'testing/asked-by.ts')}`
const CTRL_C = '\x03'

function reasonToSkip(): string | null {
  if (process.geteuid?.() !== 0) return 'needs root'
  const missing = ['pkexec', 'pkcheck', 'pkttyagent', 'dbus-daemon', 'script', 'setpriv', 'unshare'].filter(
    (program) => {
      try {
        accessSync(join('/usr/bin', program), constants.X_OK)
        return false
      } catch {
        return true
      }
    },
  )
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`
  if (spawnSync('unshare', ['--mount', '--pid', '--fork', '--mount-proc', 'true']).status !== 0)
    return 'no namespaces of ones own here'
  const { status } = spawnSync('test', ['-r', join(HOUSE, 'package.json')], { uid: USER, gid: USER })
  return status === 0 ? null : 'this folder is not for everybody to read'
}
const reason = reasonToSkip()

/** Runs a command as the user, and types the answer where a password is asked for. @returns what the terminal has shown, and how it ended */
function inTerminal(
  command: string,
  answer: string,
  home: string,
  ...action: string[]
): Promise<{ shown: string; code: number | null }> {
  const own = join(import.meta.dirname, 'testing/own-polkit.sh')
  const { DISPLAY, WAYLAND_DISPLAY, ...env } = process.env
  const child = spawn(
    'unshare',
    ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', own, String(USER), command, ...action],
    { env: { ...env, HOME: home }, stdio: 'pipe' },
  )
  // --kill-child takes along whoever waits for a password.
  onTestFinished(() => void child.kill('SIGKILL'))
  let shown = ''
  let typing: NodeJS.Timeout | undefined
  const hear = (chunk: Buffer) => {
    shown += chunk.toString()
    if (!shown.endsWith('Password: ')) return
    // What is typed before the terminal has stopped showing it is thrown away.
    clearInterval(typing)
    typing = setInterval(() => shown.endsWith('Password: ') && child.stdin.write(answer), 200)
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  return new Promise((go) =>
    child.once('close', (code) => {
      clearInterval(typing)
      go({ shown, code })
    }),
  )
}

/** The line of JSON that the command has printed. */
const said = (shown: string): unknown => JSON.parse(/\{"\w.*\}/.exec(shown)?.[0] ?? 'null')

describe(`the real pkexec${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const held = holdKernel(reason)
  const theirs = () => {
    chownSync(held.folder, USER, USER)
    return held.folder
  }

  it.skipIf(reason !== null)(
    'starts the helper once the password was given, which speaks through its pipes',
    async () => {
      const folder = theirs()
      // Not in the folder of Swaplab, and with a shell that pkexec does not know.
      const { shown } = await inTerminal(`cd / && SHELL=/opt/no/shell ${ASKED_BY} ${folder}`, `${PASSWORD}\n`, folder)
      expect(said(shown)).toMatchObject({ uid: 0, journal: false })
      expect(readdirSync(folder)).toEqual([])
    },
  )

  it.skipIf(reason !== null)('says what for, where its action is installed', async () => {
    const folder = theirs()
    const action = join(folder, 'action')
    writeFileSync(action, polkitAction().text)
    const { shown } = await inTerminal(`${ASKED_BY} ${folder}`, `${PASSWORD}\n`, folder, action)
    expect(shown).toMatch(/AUTHENTICATING FOR org\.swaplab\.kernel-lanes/)
    expect(shown).toMatch(/for Swaplab to change the swap settings/)
    expect(said(shown)).toMatchObject({ uid: 0 })
  })

  it.skipIf(reason !== null).each([
    [
      'a wrong password',
      ASKED_BY,
      'no\n',
      { code: 'no_permission', message: expect.stringMatching(/refused \(pkexec\)/) },
    ],
    ['Ctrl-C', ASKED_BY, CTRL_C, { code: 'cancelled' }],
    [
      'nobody to ask',
      `setsid -w ${ASKED_BY}`,
      '',
      { code: 'no_permission', message: expect.stringMatching(/nobody to ask/) },
    ],
  ])('is told from every other end: %s', async (_what, command, answer, fault) => {
    const folder = theirs()
    const { shown } = await inTerminal(`${command} ${folder}`, answer, folder)
    expect(said(shown)).toMatchObject(fault)
  })

  const tree = new KernelTree()
  const lanes = KERNEL_LANES.map((lane) => detect(lane, tree).reason).find((found) => found !== null) ?? null
  it.skipIf(reason !== null || lanes !== null)(
    `measures every kernel lane for them, and puts the host back${lanes ? ` (skipped: ${lanes})` : ''}`,
    async () => {
      const folder = theirs()
      const before = stateOfHost(tree)
      const sizes = [
        'memory.frames=2048',
        'memory.pool=512',
        'workload.pages=4096',
        'workload.operations=4000',
        'trials=1',
      ]
      const lanes = KERNEL_LANES.map((lane) => `{lane: ${lane}}`).join(',')
      const set = [...sizes, `lanes=[${lanes}]`].map((field) => `--set '${field}'`).join(' ')
      const run = `${LAB} run --preset quick ${set} --privileged --data ${folder}/data`
      const { shown, code } = await inTerminal(run, `${PASSWORD}\n`, folder)
      expect({ shown, code }).toMatchObject({ shown: expect.stringMatching(/ 0 mismatches/), code: 0 })
      expect(stateOfHost(tree)).toEqual(before)
      expect(existsSync(join(folder, 'data/kernel-journal.json'))).toBe(false)
    },
    120_000,
  )
})

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { thisProcess } from '../../../native-bench/host.ts'
import { detect, KernelTree, readyHelper, unfitFor, wayToPrivileges } from '../index.ts'
import { hasJournal, JOURNAL_NAME, writeJournal } from '../journal.ts'
import { holdKernel } from '../testing/one-kernel.ts'
import { stateOfHost } from '../testing/state-of-host.ts'

/** What the helper says to requests that it must not carry out; none of them changes anything. */

let folder = ''
beforeEach(() => {
  folder = mkdtempSync('/var/tmp/swaplab-helper-')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const root = wayToPrivileges().way === 'root'
const NOBODY = '65534'
const preparation = () => ({
  settings: { lane: 'kernel-swap' },
  directory: folder,
  slots: 4096,
  memoryBytes: 2 ** 26,
  pid: process.pid,
  pageCluster: 0,
})

/** The answers to some lines. */
function told(lines: unknown[], { data = folder, askedBy = '0' } = {}) {
  const { stdout } = spawnSync(process.execPath, [resolve(import.meta.dirname, 'process.ts'), data], {
    input: lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''),
    encoding: 'utf8',
    env: { ...process.env, SUDO_UID: askedBy },
  })
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

it('knows its verbs and no others, and names what is wrong with a request', () => {
  const answers = told([
    { verb: 'status' },
    'not even JSON',
    { verb: 'run', program: '/bin/sh' },
    { verb: 'restore', folder: '/etc' },
    { verb: 'prepare', preparation: { ...preparation(), directory: '../etc' } },
    { verb: 'prepare', preparation: { ...preparation(), settings: { lane: 'kernel-swap', file: '/etc/passwd' } } },
    { verb: 'drop' },
  ])
  expect(answers[0]).toMatchObject({ ok: true, answer: { journal: false } })
  const faults = answers.slice(1).map(({ fault }) => fault)
  expect(faults.map(({ code }) => code)).toEqual([...new Array(5).fill('bad_input'), 'internal'])
  expect(faults.map(({ message }) => message)).toEqual([
    expect.stringContaining('the line'),
    expect.stringContaining('verb'),
    expect.stringContaining('folder'),
    expect.stringContaining('preparation.directory'),
    expect.stringContaining('preparation.settings'),
    expect.stringContaining('nothing is prepared'),
  ])
  expect(readdirSync(folder)).toEqual([])
})

it('serves the user who asked, in a data folder of theirs, and for a process of theirs', () => {
  expect(told([{ verb: 'status' }], { askedBy: NOBODY })).toMatchObject([
    { ok: false, fault: { code: 'no_permission', message: expect.stringContaining('data folder') } },
  ])
  expect(told([{ verb: 'status' }], { data: 'relative' })).toMatchObject([{ fault: { code: 'no_permission' } }])
})

it('stays with the folder it has found to be theirs, whatever takes its name', async () => {
  const [theirs, planted, link] = ['theirs', 'planted', 'link'].map((name) => join(folder, name))
  mkdirSync(theirs)
  mkdirSync(planted)
  writeJournal(planted, { version: 1, bootId: 'another', owner: thisProcess(), steps: [] })
  symlinkSync(theirs, link)
  const helper = await readyHelper({ folder: link, consent: false }, { way: 'root' })
  unlinkSync(link)
  symlinkSync(planted, link)
  await helper.restore()
  await helper.close()
  expect(hasJournal(planted)).toBe(true)
})

it.skipIf(!root)('limits no process but the one of the user who asked, and makes no file where they could not', () => {
  mkdirSync(join(folder, 'data'))
  mkdirSync(join(folder, 'foreign'), { mode: 0o755 })
  chownSync(join(folder, 'data'), Number(NOBODY), Number(NOBODY))
  const theirs = spawn('/bin/sleep', ['20'], { uid: Number(NOBODY), gid: Number(NOBODY), stdio: 'ignore' })
  const [foreignProcess, foreignFolder] = told(
    [
      { verb: 'prepare', preparation: preparation() },
      { verb: 'prepare', preparation: { ...preparation(), pid: theirs.pid, directory: join(folder, 'foreign') } },
    ],
    { data: join(folder, 'data'), askedBy: NOBODY },
  )
  theirs.kill()
  expect(foreignProcess.fault).toMatchObject({ code: 'no_permission', message: expect.stringContaining('Process') })
  expect(foreignFolder.fault).toMatchObject({ code: 'no_permission', field: 'swapDir' })
})

const tree = new KernelTree()
const unprepared = root
  ? (detect('kernel-swap', tree).reason ?? unfitFor('/var/tmp', preparation().slots))
  : 'needs root'

describe(`a helper that has changed the host${unprepared ? ` (skipped: ${unprepared})` : ''}`, () => {
  const held = holdKernel(unprepared)
  const journal = () => join(held.folder, JOURNAL_NAME)
  const goneFor = (act: () => void) => (helper: ChildProcess) => {
    act()
    helper.stdin?.end()
  }

  it.skipIf(unprepared !== null).each<[string, (helper: ChildProcess) => void]>([
    ['its journal is removed', goneFor(() => unlinkSync(journal()))],
    ['its journal is written over', goneFor(() => writeFileSync(journal(), '{}'))],
    ['Ctrl-\\ is typed', (helper) => void helper.kill('SIGQUIT')],
    ['the terminal is closed', (helper) => void helper.kill('SIGHUP')],
    ['a request has no end', (helper) => void helper.stdin?.write('x'.repeat(2 ** 20))],
  ])(
    'puts it back where %s',
    async (_what, happen) => {
      const before = stateOfHost(tree)
      const workload = spawn('/bin/sleep', ['60'])
      const helper = spawn(process.execPath, [resolve(import.meta.dirname, 'process.ts'), held.folder], {
        stdio: ['pipe', 'pipe', 'ignore'],
      })
      helper.stdin?.on('error', () => {})
      const over = once(helper, 'close')
      const request = { ...preparation(), directory: held.folder, pid: workload.pid }
      helper.stdin?.write(`${JSON.stringify({ verb: 'prepare', preparation: request })}\n`)
      const [chunk] = await once(helper.stdout, 'data')
      expect(JSON.parse(chunk)).toMatchObject({ ok: true })
      expect(stateOfHost(tree)).not.toEqual(before)
      happen(helper)
      try {
        expect(await Promise.race([over.then(() => 'ended'), pause(10_000, 'goes on')])).toBe('ended')
      } finally {
        workload.kill()
        helper.kill()
      }
      expect(stateOfHost(tree)).toEqual(before)
      expect(readdirSync(held.folder)).toEqual([])
    },
    20_000,
  )
})

describe('what the helper had set before it saw that it cannot go on', () => {
  const held = holdKernel(root ? null : 'needs root')

  it.skipIf(!root)('is nothing where the journal cannot be written: on a full disk', () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'none', folder])
    try {
      expect(() => writeFileSync(join(folder, 'full'), Buffer.alloc(2 ** 16))).toThrow(/ENOSPC/)
      const [answer] = told([{ verb: 'prepare', preparation: preparation() }])
      expect(answer.fault).toMatchObject({
        code: 'unavailable',
        message: expect.stringMatching(`in ${folder}: ENOSPC`),
      })
      expect(readdirSync(folder)).toEqual(['full'])
    } finally {
      execFileSync('umount', [folder])
    }
  })

  it.skipIf(!root)('is put back where a swap file cannot be: by way of a link, and in memory', () => {
    mkdirSync(join(held.folder, 'real'))
    symlinkSync(join(held.folder, 'real'), join(held.folder, 'link'))
    const [link, tmpfs] = told(
      [
        { verb: 'prepare', preparation: { ...preparation(), directory: join(held.folder, 'link') } },
        { verb: 'prepare', preparation: { ...preparation(), directory: '/dev/shm' } },
      ],
      { data: held.folder },
    )
    expect(link.fault.message).toContain('symbolic link')
    expect(tmpfs.fault.message).toContain('tmpfs')
    expect(readdirSync(held.folder).sort()).toEqual(['link', 'real'])
  })

  it.skipIf(!root)('is put back where another lane of this host, of whichever data folder, has not been', () => {
    const cgroups = new KernelTree().memoryCgroups()
    if (!cgroups) throw new Error('no memory cgroup')
    const other = join(cgroups.root, 'swaplab-0123456789ab')
    mkdirSync(other)
    try {
      const [answer] = told([{ verb: 'prepare', preparation: { ...preparation(), directory: held.folder } }], {
        data: held.folder,
      })
      expect(answer.fault).toMatchObject({ code: 'busy', message: expect.stringContaining(other) })
      expect(hasJournal(held.folder)).toBe(false)
      expect(readdirSync(cgroups.root).filter((name) => name.startsWith('swaplab-'))).toEqual([basename(other)])
    } finally {
      rmdirSync(other)
    }
  })
})

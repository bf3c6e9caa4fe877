import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hasJournal, JOURNAL_NAME, type JournalFile, readJournal, writeJournal } from './journal.ts'
import { KernelTree } from './kernel-tree.ts'
import { bootId, ownerOf } from './owner.ts'
import { restoreFrom } from './undo.ts'

let folder: string
let tree: KernelTree
const offs: string[] = []
const calls = {
  swapOff(path: string) {
    offs.push(path)
    sample('proc/swaps', SWAPS_HEAD)
  },
}
const SWAPS_HEAD = 'Filename\tType\tSize\tUsed\tPriority\n'

function sample(path: string, text: string): string {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}
const content = (path: string) => readFileSync(join(folder, path), 'utf8')

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swaplab-undo-'))
  tree = new KernelTree({ proc: join(folder, 'proc'), sys: join(folder, 'sys'), etc: join(folder, 'etc') })
  offs.length = 0
  sample('proc/swaps', SWAPS_HEAD)
  sample('proc/sys/vm/page-cluster', '0')
  for (const [name, value] of Object.entries({ enabled: 'Y', compressor: 'lzo-rle', max_pool_percent: '5' }))
    sample(`sys/module/zswap/parameters/${name}`, value)
  sample('sys/block/zram0/initstate', '1')
  sample('sys/block/zram0/reset', '')
  sample('sys/block/zram0/comp_algorithm', 'lzo-rle [lz4]')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const self = () => {
  const owner = ownerOf(process.pid)
  if (!owner) throw new Error('no owner')
  return owner
}
const journalOf = (steps: JournalFile['steps'], boot = bootId()): JournalFile => ({
  version: 1,
  bootId: boot,
  owner: self(),
  steps,
})
const NAME = 'swaplab-kernel-0123456789ab.swap'

describe('the journal', () => {
  it('comes back as it was written, for its owner only', () => {
    const journal = journalOf([{ undo: 'page-cluster', value: 3 }])
    writeJournal(folder, journal)
    expect(readJournal(folder)).toEqual(journal)
    expect(statSync(join(folder, JOURNAL_NAME)).mode & 0o777).toBe(0o600)
  })

  it.each([
    ['a swap file of another name', { undo: 'swapfile', directory: '/', name: 'vmlinuz' }],
    ['a path instead of a name', { undo: 'swapfile', directory: '/', name: `../${NAME}` }],
    ['a parameter zswap does not have', { undo: 'zswap', parameter: '../../x', value: 'Y' }],
    ['a value that is no word', { undo: 'zswap', parameter: 'enabled', value: 'Y\nN' }],
    ['another device', { undo: 'zram', device: 'sda', algorithm: 'lzo' }],
  ])('that names %s is refused whole', (_what, step) => {
    sample(JOURNAL_NAME, JSON.stringify({ ...journalOf([]), steps: [{ undo: 'page-cluster', value: 3 }, step] }))
    expect(() => restoreFrom(folder, tree, calls)).toThrow(/cannot be understood/)
    expect(content('proc/sys/vm/page-cluster')).toBe('0')
  })

  it('is not followed through a symbolic link', () => {
    symlinkSync(sample('elsewhere', JSON.stringify(journalOf([]))), join(folder, JOURNAL_NAME))
    expect(() => readJournal(folder)).toThrow(/cannot be understood/)
  })
})

describe('putting the kernel back', () => {
  it('undoes every step, swap off before the file and the settings', () => {
    const swapfile = sample(NAME, 'x')
    sample('proc/swaps', `${SWAPS_HEAD}${swapfile}\tfile\t4\t0\t32767\n`)
    writeJournal(
      folder,
      journalOf([
        { undo: 'page-cluster', value: 3 },
        { undo: 'zswap', parameter: 'enabled', value: 'N' },
        { undo: 'zswap', parameter: 'compressor', value: 'lzo' },
        { undo: 'swapfile', directory: folder, name: NAME },
      ]),
    )
    expect(restoreFrom(folder, tree, calls)).toEqual({
      done: [
        `swap off ${swapfile}`,
        `${swapfile} deleted`,
        'zswap compressor = lzo',
        'zswap enabled = N',
        'page-cluster = 3',
      ],
      left: [],
    })
    expect(offs).toEqual([swapfile])
    expect([existsSync(swapfile), hasJournal(folder)]).toEqual([false, false])
    expect(content('sys/module/zswap/parameters/enabled')).toBe('N')
  })

  it('does nothing the second time, nor where the change was never made', () => {
    writeJournal(folder, journalOf([{ undo: 'swapfile', directory: folder, name: NAME }]))
    expect(restoreFrom(folder, tree, calls)).toEqual({ done: [], left: [] })
    expect(restoreFrom(folder, tree, calls)).toEqual({ done: [], left: [] })
  })

  it('resets zram and chooses its algorithm again', () => {
    writeJournal(folder, journalOf([{ undo: 'zram', device: 'zram0', algorithm: 'lzo-rle' }]))
    expect(restoreFrom(folder, tree, calls).done).toEqual(['zram0 reset'])
    expect([content('sys/block/zram0/reset'), content('sys/block/zram0/comp_algorithm').slice(0, 7)]).toEqual([
      '1',
      'lzo-rle',
    ])
  })

  it('after a restart removes the file and leaves the settings of the new system alone', () => {
    const swapfile = sample(NAME, 'x')
    const steps: JournalFile['steps'] = [
      { undo: 'page-cluster', value: 3 },
      { undo: 'swapfile', directory: folder, name: NAME },
    ]
    writeJournal(folder, journalOf(steps, 'another boot'))
    expect(restoreFrom(folder, tree, calls)).toEqual({ done: [`${swapfile} deleted`], left: [] })
    expect(content('proc/sys/vm/page-cluster')).toBe('0')
  })

  it('keeps the journal where something could not be put back, and does the rest', () => {
    rmSync(join(folder, 'proc/sys/vm/page-cluster'))
    writeJournal(
      folder,
      journalOf([
        { undo: 'page-cluster', value: 3 },
        { undo: 'zswap', parameter: 'enabled', value: 'N' },
      ]),
    )
    const { done, left } = restoreFrom(folder, tree, calls)
    expect([done, left.length, hasJournal(folder)]).toEqual([['zswap enabled = N'], 1, true])
  })
})

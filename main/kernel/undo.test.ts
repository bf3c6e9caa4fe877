import { chmodSync, existsSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bootId, thisProcess } from '../../native-bench/host.ts'
import { beginJournal, hasJournal, JOURNAL_NAME, type JournalFile, readJournal, writeJournal } from './journal.ts'
import { restoreAtStart, restoreKernel } from './restore.ts'
import { SWAPS_HEAD, sampleKernel } from './testing/sample-kernel.ts'
import { restoreFrom } from './undo.ts'

const offs: string[] = []
const calls = {
  swapOff(path: string) {
    offs.push(path)
    kernel.write('proc/swaps', SWAPS_HEAD)
  },
}

const kernel = sampleKernel((files) => {
  offs.length = 0
  files.write('proc/swaps', SWAPS_HEAD)
  files.write('proc/sys/vm/page-cluster', '0')
  for (const [name, value] of Object.entries({ enabled: 'Y', compressor: 'lzo-rle', max_pool_percent: '5' }))
    files.write(`sys/module/zswap/parameters/${name}`, value)
  files.write('sys/block/zram0/initstate', '1')
  files.write('sys/block/zram0/reset', '')
  files.write('sys/block/zram0/comp_algorithm', 'lzo-rle [lz4]')
})

const journalOf = (steps: JournalFile['steps'], boot = bootId()): JournalFile => ({
  version: 1,
  bootId: boot,
  owner: thisProcess(),
  steps,
})
const NAME = 'swaplab-kernel-0123456789ab.swap'

it('switches swap off once the pages of a process that is going have gone', () => {
  kernel.write('proc/swaps', `${SWAPS_HEAD}/dev/zram0 partition 1024 0 -2\n`)
  writeJournal(kernel.folder, journalOf([{ undo: 'zram', device: 'zram0', algorithm: 'lzo-rle' }]))
  let refusals = 0
  const busy = {
    swapOff(path: string) {
      if (++refusals <= 2) throw Object.assign(new Error('ENOMEM: Cannot allocate memory'), { code: 'ENOMEM' })
      calls.swapOff(path)
    },
  }
  expect(restoreFrom(kernel.folder, kernel.tree, busy).left).toEqual([])
  expect(offs).toEqual(['/dev/zram0'])
})

describe('the journal', () => {
  it('comes back as it was written, for its owner only', () => {
    const journal = journalOf([{ undo: 'page-cluster', value: 3 }])
    writeJournal(kernel.folder, journal)
    expect(readJournal(kernel.folder)).toEqual(journal)
    expect(statSync(join(kernel.folder, JOURNAL_NAME)).mode & 0o777).toBe(0o600)
  })

  it.each([
    ['a swap file of another name', { undo: 'swapfile', directory: '/', name: 'vmlinuz' }],
    ['a path instead of a name', { undo: 'swapfile', directory: '/', name: `../${NAME}` }],
    ['a parameter zswap does not have', { undo: 'zswap', parameter: '../../x', value: 'Y' }],
    ['a value that is no word', { undo: 'zswap', parameter: 'enabled', value: 'Y\nN' }],
    ['another device', { undo: 'zram', device: 'sda', algorithm: 'lzo' }],
  ])('that names %s is refused whole', (_what, step) => {
    kernel.write(JOURNAL_NAME, JSON.stringify({ ...journalOf([]), steps: [{ undo: 'page-cluster', value: 3 }, step] }))
    expect(() => restoreFrom(kernel.folder, kernel.tree, calls)).toThrow(/cannot be understood/)
    expect(kernel.read('proc/sys/vm/page-cluster')).toBe('0')
  })

  it('is begun once: whoever comes at the same moment leaves it as it is', () => {
    const [first, second] = [1, 2].map((value) => journalOf([{ undo: 'page-cluster', value }]))
    beginJournal(kernel.folder, first)
    expect(() => beginJournal(kernel.folder, second)).toThrowError(expect.objectContaining({ code: 'busy' }))
    expect(readJournal(kernel.folder)).toEqual(first)
    expect(existsSync(join(kernel.folder, `${JOURNAL_NAME}.new`))).toBe(false)
  })

  it.each([
    ['restored', () => restoreKernel({ folder: kernel.folder, consent: false })],
    ['started', () => restoreAtStart(kernel.folder)],
  ])(
    'that its helper was writing when it was killed is gone once the lab is %s, and one whose writer lives is not',
    async (_what, act) => {
      const unfinished = `${JOURNAL_NAME}.new`
      const written = JSON.stringify(journalOf([]))
      const dead = JSON.stringify({ ...journalOf([]), owner: { ...thisProcess(), startTicks: 1 } })
      const left = []
      for (const text of [dead, written.slice(0, 20), '', written]) {
        kernel.write(unfinished, text)
        await act()
        left.push(existsSync(join(kernel.folder, unfinished)))
      }
      expect(left).toEqual([false, false, false, true])
    },
  )

  it('is written beside a link of that name, and not through it', () => {
    symlinkSync(join(kernel.folder, 'nowhere'), join(kernel.folder, `${JOURNAL_NAME}.new`))
    const journal = journalOf([])
    writeJournal(kernel.folder, journal)
    expect([readJournal(kernel.folder), existsSync(join(kernel.folder, 'nowhere'))]).toEqual([journal, false])
  })

  it.each([
    ['cut off', (text: string) => text.slice(0, -20), /JSON/],
    ['empty', () => '', /JSON/],
    [
      'of another version',
      (text: string) => text.replace('"version":1', '"version":2'),
      /version 2, and this Swaplab knows 1/,
    ],
  ])('that is %s is left alone, with what is wrong', (_what, change, message) => {
    const text = change(JSON.stringify(journalOf([{ undo: 'page-cluster', value: 3 }])))
    kernel.write(JOURNAL_NAME, text)
    expect(() => restoreFrom(kernel.folder, kernel.tree, calls)).toThrow(message)
    expect([kernel.read('proc/sys/vm/page-cluster'), kernel.read(JOURNAL_NAME)]).toEqual(['0', text])
  })

  it('is nobody’s but the owner’s of its folder', () => {
    chmodSync(kernel.write(JOURNAL_NAME, JSON.stringify(journalOf([{ undo: 'page-cluster', value: 3 }]))), 0o666)
    expect(() => restoreFrom(kernel.folder, kernel.tree, calls)).toThrow(/somebody other than the owner/)
    expect(kernel.read('proc/sys/vm/page-cluster')).toBe('0')
  })

  it('is not followed through a symbolic link', () => {
    symlinkSync(kernel.write('elsewhere', JSON.stringify(journalOf([]))), join(kernel.folder, JOURNAL_NAME))
    expect(() => readJournal(kernel.folder)).toThrow(/cannot be understood/)
  })
})

describe('putting the kernel back', () => {
  it('finds a swap file whose directory was renamed meanwhile', () => {
    const swapfile = kernel.write(join('renamed', NAME), 'x')
    kernel.write('proc/swaps', `${SWAPS_HEAD}${swapfile}\tfile\t4\t0\t32767\n`)
    const step = { undo: 'swapfile', directory: join(kernel.folder, 'before'), name: NAME } as const
    writeJournal(kernel.folder, journalOf([step]))
    expect(restoreFrom(kernel.folder, kernel.tree, calls).left).toEqual([])
    expect(offs).toEqual([swapfile])
    expect(existsSync(swapfile)).toBe(false)
  })

  it('undoes every step, swap off before the file and the settings', () => {
    const swapfile = kernel.write(NAME, 'x')
    kernel.write('proc/swaps', `${SWAPS_HEAD}${swapfile}\tfile\t4\t0\t32767\n`)
    writeJournal(
      kernel.folder,
      journalOf([
        { undo: 'page-cluster', value: 3 },
        { undo: 'zswap', parameter: 'enabled', value: 'N' },
        { undo: 'zswap', parameter: 'compressor', value: 'lzo' },
        { undo: 'swapfile', directory: kernel.folder, name: NAME },
      ]),
    )
    expect(restoreFrom(kernel.folder, kernel.tree, calls)).toEqual({
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
    expect([existsSync(swapfile), hasJournal(kernel.folder)]).toEqual([false, false])
    expect(kernel.read('sys/module/zswap/parameters/enabled')).toBe('N')
  })

  it('does nothing the second time, nor where the change was never made', () => {
    writeJournal(kernel.folder, journalOf([{ undo: 'swapfile', directory: kernel.folder, name: NAME }]))
    expect(restoreFrom(kernel.folder, kernel.tree, calls)).toEqual({ done: [], left: [] })
    expect(restoreFrom(kernel.folder, kernel.tree, calls)).toEqual({ done: [], left: [] })
  })

  it('resets zram and chooses its algorithm again', () => {
    writeJournal(kernel.folder, journalOf([{ undo: 'zram', device: 'zram0', algorithm: 'lzo-rle' }]))
    expect(restoreFrom(kernel.folder, kernel.tree, calls).done).toEqual(['zram0 reset'])
    expect([kernel.read('sys/block/zram0/reset'), kernel.read('sys/block/zram0/comp_algorithm').slice(0, 7)]).toEqual([
      '1',
      'lzo-rle',
    ])
  })

  it('has nothing to do for a zram whose module was unloaded since', () => {
    kernel.remove('sys/block/zram0')
    writeJournal(kernel.folder, journalOf([{ undo: 'zram', device: 'zram0', algorithm: 'lzo-rle' }]))
    expect(restoreFrom(kernel.folder, kernel.tree, calls)).toEqual({ done: [], left: [] })
    expect(hasJournal(kernel.folder)).toBe(false)
  })

  it('after a restart removes the file and leaves the settings of the new system alone', () => {
    const swapfile = kernel.write(NAME, 'x')
    const steps: JournalFile['steps'] = [
      { undo: 'page-cluster', value: 3 },
      { undo: 'swapfile', directory: kernel.folder, name: NAME },
    ]
    writeJournal(kernel.folder, journalOf(steps, 'another boot'))
    expect(restoreFrom(kernel.folder, kernel.tree, calls)).toEqual({ done: [`${swapfile} deleted`], left: [] })
    expect(kernel.read('proc/sys/vm/page-cluster')).toBe('0')
  })

  it('keeps the journal where something could not be put back, and does the rest', () => {
    kernel.remove('proc/sys/vm/page-cluster')
    writeJournal(
      kernel.folder,
      journalOf([
        { undo: 'page-cluster', value: 3 },
        { undo: 'zswap', parameter: 'enabled', value: 'N' },
      ]),
    )
    const { done, left } = restoreFrom(kernel.folder, kernel.tree, calls)
    expect([done, left.length, hasJournal(kernel.folder)]).toEqual([['zswap enabled = N'], 1, true])
  })
})

import { expect, it } from 'vitest'
import { bootId, thisProcess } from '../../../native-bench/host.ts'
import { readJournal, type Step, writeJournal } from '../journal.ts'
import { SWAPS_HEAD, sampleKernel } from '../testing/sample-kernel.ts'
import { restoreFrom } from '../undo.ts'
import { closePool } from './prepare.ts'

const LIMIT = 'sys/module/zswap/parameters/max_pool_percent'
const kernel = sampleKernel((files) => {
  files.write('proc/swaps', SWAPS_HEAD)
  files.write(LIMIT, '20')
})
const limit = () => kernel.read(LIMIT)

function prepared(steps: Step[]): void {
  writeJournal(kernel.folder, { version: 1, bootId: bootId(), owner: thisProcess(), steps })
}

it('writes down the limit it takes away, so that a restore brings it back', () => {
  prepared([])
  closePool(kernel.folder, kernel.tree)
  expect(limit()).toBe('0')
  restoreFrom(kernel.folder, kernel.tree)
  expect(limit()).toBe('20')
})

it('leaves alone the limit that preparing has written down: ours was never the host’s', () => {
  const before: Step = { undo: 'zswap', parameter: 'max_pool_percent', value: '35' }
  prepared([before])
  closePool(kernel.folder, kernel.tree)
  expect(readJournal(kernel.folder)?.steps).toEqual([before])
})

it('changes nothing where nothing was prepared', () => {
  expect(() => closePool(kernel.folder, kernel.tree)).toThrow(/no zswap is prepared/)
  expect(limit()).toBe('20')
})

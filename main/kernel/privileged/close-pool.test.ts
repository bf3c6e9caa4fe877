import { expect, it } from 'vitest'
import { readJournal } from '../journal.ts'
import { SWAPS_HEAD, sampleKernel } from '../testing/sample-kernel.ts'
import { Changes } from './changes.ts'

const LIMIT = 'sys/module/zswap/parameters/max_pool_percent'
const kernel = sampleKernel((files) => {
  files.write('proc/swaps', SWAPS_HEAD)
  files.write('sys/module/zswap/parameters/accept_threshold_percent', '90')
  files.write('sys/module/zswap/parameters/compressor', 'lzo')
  files.write('sys/module/zswap/parameters/enabled', 'N')
  files.write(LIMIT, '20')
})
const limits = () =>
  readJournal(kernel.folder)?.steps.filter((step) => step.undo === 'zswap' && step.parameter === 'max_pool_percent')
const settings = { lane: 'kernel-zswap', compressor: 'lzo', acceptPercent: 90, shrinker: false } as const

it.each([
  ['that it takes away itself', 20],
  ['that preparing has written down: ours was never the host’s', 35],
])('brings back the limit of the host %s', (_which, poolPercent) => {
  const changes = new Changes(kernel.folder, kernel.tree)
  changes.setZswap({ ...settings, poolPercent })
  changes.closePool()
  expect([kernel.read(LIMIT), limits()]).toEqual(['0', [{ undo: 'zswap', parameter: 'max_pool_percent', value: '20' }]])
  expect(changes.undo().left).toEqual([])
  expect([kernel.read(LIMIT), readJournal(kernel.folder)]).toEqual(['20', null])
})

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readJournal, type Step, writeJournal } from '../journal.ts'
import { KernelTree } from '../kernel-tree.ts'
import { bootId, ownerOf } from '../owner.ts'
import { restoreFrom } from '../undo.ts'
import { closePool } from './prepare.ts'

let folder: string
let tree: KernelTree
const limit = () => readFileSync(join(folder, 'sys/module/zswap/parameters/max_pool_percent'), 'utf8')

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swaplab-close-'))
  tree = new KernelTree({ proc: join(folder, 'proc'), sys: join(folder, 'sys'), etc: join(folder, 'etc') })
  mkdirSync(join(folder, 'proc'))
  mkdirSync(join(folder, 'sys/module/zswap/parameters'), { recursive: true })
  writeFileSync(join(folder, 'proc/swaps'), 'Filename\tType\tSize\tUsed\tPriority\n')
  writeFileSync(join(folder, 'sys/module/zswap/parameters/max_pool_percent'), '20')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function prepared(steps: Step[]): void {
  const owner = ownerOf(process.pid)
  if (!owner) throw new Error('no owner')
  writeJournal(folder, { version: 1, bootId: bootId(), owner, steps })
}

it('writes down the limit it takes away, so that a restore brings it back', () => {
  prepared([])
  closePool(folder, tree)
  expect(limit()).toBe('0')
  restoreFrom(folder, tree)
  expect(limit()).toBe('20')
})

it('leaves alone the limit that preparing has written down: ours was never the host’s', () => {
  const before: Step = { undo: 'zswap', parameter: 'max_pool_percent', value: '35' }
  prepared([before])
  closePool(folder, tree)
  expect(readJournal(folder)?.steps).toEqual([before])
})

it('changes nothing where nothing was prepared', () => {
  expect(() => closePool(folder, tree)).toThrow(/no zswap is prepared/)
  expect(limit()).toBe('20')
})

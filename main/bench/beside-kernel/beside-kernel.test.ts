import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ContentSpec, type KernelComparison } from '../../contract/index.ts'
import { wayToPrivileges } from '../../kernel/index.ts'
import { holdKernel } from '../../kernel/testing/one-kernel.ts'
import { kernelLaneFacts } from '../kernel-lanes/index.ts'
import { buildCorpus } from '../workloads/index.ts'
import { openKernelComparison } from './index.ts'

const way = wayToPrivileges()
const zswap = kernelLaneFacts().find(({ lane }) => lane === 'kernel-zswap')
const reason = way.way !== 'root' ? 'needs root' : (zswap?.reason ?? null)

describe(`the engine beside this kernel's zswap${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const held = holdKernel(reason)

  it.skipIf(reason !== null)(
    'is measured on the same pages: every figure is there, and the host is as before',
    async () => {
      const parameter = (name: string) => readFileSync(`/sys/module/zswap/parameters/${name}`, 'utf8')
      const settings = () => [
        readFileSync('/proc/swaps', 'utf8'),
        ...['enabled', 'compressor', 'max_pool_percent'].map(parameter),
      ]
      const before = settings()
      const corpus = buildCorpus(ContentSpec.parse({ source: 'synthetic', pages: 512, mix: MIX }), SOURCE)
      let comparison: KernelComparison
      const comparing = await openKernelComparison({
        swapDir: held.folder,
        kernel: { folder: held.folder, consent: false },
        seed: 42,
        signal: new AbortController().signal,
        sizes: { pages: 512, warmRounds: 0, rounds: 2, writebackPages: 2048, writebackRounds: 1, ownAccordMs: 0 },
      })
      try {
        comparison = await comparing.compare(corpus)
      } finally {
        corpus.release()
        await comparing.close()
      }
      for (const { store, load } of comparison.lanes)
        for (const side of [store, load]) {
          expect(side.engineNs).toBeGreaterThan(0)
          expect(side.codecNs).toBeGreaterThan(0)
          // The way alone cannot take longer than the way with a codec in it.
          expect(side.kernelNs).toBeGreaterThan(side.pathNs)
          expect(side.rounds.overNet).toHaveLength(2)
        }
      expect(comparison.writeback.map(({ who, flush }) => [who, flush])).toEqual([
        ['engine', 'each batch'],
        ['engine', 'once at the end'],
        ['engine', 'each batch'],
        ['kernel', 'none'],
        ['kernel', 'once at the end'],
      ])
      for (const { pages, pagesPerS } of comparison.writeback) {
        expect(pages).toBeGreaterThan(1024)
        expect(pagesPerS).toBeGreaterThan(0)
      }
      const [engine, , , drained] = comparison.writeback
      expect(engine.overKernel).toEqual({
        ratio: engine.pagesPerS / drained.pagesPerS,
        rounds: [engine.pagesPerS / drained.pagesPerS],
      })
      expect(drained.overKernel).toBeNull()
      expect(settings()).toEqual(before)
      expect(readdirSync(held.folder)).toEqual([])
    },
    60_000,
  )
})

const MIX = { zero: 0, text: 0.4, heap: 0.5, random: 0.1 }
const SOURCE = { seed: 42, selfCorpus: null }

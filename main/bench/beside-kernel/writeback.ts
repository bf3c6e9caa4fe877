import type { WritebackRate } from '../../contract/index.ts'
import { median } from '../measure/median.ts'
import { engineWriteback } from './engine-writeback.ts'
import type { Site, WritebackRound } from './kernel-side.ts'
import { kernelDrain, kernelOwnAccord } from './kernel-writeback.ts'

/** The way of zpages to disk, on the same file system. */

/** Its spread is all it can tell. */
const OWN_ACCORD_ROUNDS = 3

/**
 * The median round of each way, and the engine's beside the kernel's drain of the same round: a disk's host has its own good and bad seconds.
 * @throws LabError of createSwapfile, codec_unavailable, unavailable, cancelled
 */
export async function compareWriteback(site: Site): Promise<WritebackRate[]> {
  const engine = async () => [
    await engineWriteback(site, 'each batch'),
    await engineWriteback(site, 'once at the end'),
    await engineWriteback(site, 'each batch', 'zpage'),
  ]
  const rounds: { engine: WritebackRound[]; kernel: WritebackRound[] }[] = []
  for (let round = 0; round < site.sizes.writebackRounds; round++) {
    const first = round % 2 === 0 ? await engine() : null
    const kernel = await kernelDrain(site)
    rounds.push({ engine: first ?? (await engine()), kernel })
  }
  const ownAccord: WritebackRound[][] = []
  for (let round = 0; round < OWN_ACCORD_ROUNDS; round++) ownAccord.push(await kernelOwnAccord(site))
  const drained = rounds.map(({ kernel }) => kernel[0].pagesPerS)
  return [
    ...overRounds(rounds.map(({ engine }) => engine)).map((way) => {
      const ratios = way.rounds.map((pagesPerS, round) => pagesPerS / drained[round])
      return { ...way, overKernel: { ratio: median(ratios), rounds: ratios } }
    }),
    ...overRounds(rounds.map(({ kernel }) => kernel)),
    ...overRounds(ownAccord),
  ]
}

/** @param rounds the ways of each, in the same order */
function overRounds(rounds: WritebackRound[][]): WritebackRate[] {
  return rounds[0].map((_, way) => {
    const own = rounds.map((round) => round[way])
    const sorted = own.toSorted((a, b) => a.pagesPerS - b.pagesPerS)
    return { ...sorted[sorted.length >> 1], rounds: own.map(({ pagesPerS }) => pagesPerS), overKernel: null }
  })
}

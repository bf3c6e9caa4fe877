import { pathToFileURL } from 'node:url'
import { CodecName, PAGE_SIZE } from '../../contract/index.ts'
import { median } from '../measure/median.ts'
import { buildCorpus, Random } from '../workloads/index.ts'

/**
 * Stores and loads of two engines, in turns in one process, each page half a round apart (codecs.ts says why):
 * `node main/bench/calibrate/engines.bench.ts OTHER [CODEC] [ROUNDS]`, where OTHER is another built checkout of this repository.
 *
 * For every store and load of a page the difference of the two is taken; its median hardly minds what else the machine does, and is below 0 where
 * this one is quicker. The whole is carried out a second time with the engines exchanged: a figure counts where both agree.
 */

const PAGES = 1024
const WARM_ROUNDS = 10

type Engine = typeof import('./pools.ts')
type Native = typeof import('../../../native-bench/index.ts')
type Operation = 'store' | 'load'

const [, , other, codecArgument = 'lz4', roundsArgument = '30'] = process.argv
if (other === undefined) {
  process.stderr.write('Which other checkout? node main/bench/calibrate/engines.bench.ts OTHER [CODEC] [ROUNDS]\n')
  process.exit(2)
}
const codec = CodecName.parse(codecArgument)
const rounds = Number(roundsArgument)
const here = new URL('../../../', import.meta.url)
const there = pathToFileURL(`${other}/`)
const corpus = buildCorpus(
  { source: 'capture', pid: 'self', pages: PAGES, zeros: 'skip' },
  { seed: 42, selfCorpus: null },
)

for (const [first, second] of [
  [here, there],
  [there, here],
]) {
  const sides = [await open(first), await open(second)]
  const own = first === here ? 0 : 1
  for (let pool = 0; pool < sides[0].pools.length; pool++) {
    const { ns, differences } = measure(sides, pool)
    const figures = (['store', 'load'] as const).map((operation) => {
      const difference = (own === 0 ? 1 : -1) * median(differences[operation])
      const [a, b] = ns[operation].map(median)
      return `${operation} ${(own === 0 ? a : b).toFixed(0)} ns, the other's ${(own === 0 ? b : a).toFixed(0)}, difference ${(-difference).toFixed(0)} ns`
    })
    process.stdout.write(
      `${codec} ${sides[0].pools[pool].name.padEnd(21)} ${own === 0 ? 'first ' : 'second'}  ${figures.join('   ')}\n`,
    )
  }
  for (const { pools, arena } of sides) {
    for (const one of pools) one.close()
    arena.release()
  }
}
corpus.release()

async function open(root: URL) {
  const { ArenaPlan, openCalibratedPools }: Engine = await import(new URL('main/bench/calibrate/pools.ts', root).href)
  const { Arena }: Native = await import(new URL('native-bench/index.ts', root).href)
  const plan = new ArenaPlan(corpus.pages)
  const arena = new Arena(plan.total)
  arena.bytes.set(corpus.arena.bytes.subarray(0, corpus.pages * PAGE_SIZE))
  return { plan, arena, pools: openCalibratedPools(codec, arena, plan) }
}

/** ns by side, and the second side's less the first's. */
function measure(sides: Awaited<ReturnType<typeof open>>[], pool: number) {
  const ns: Record<Operation, number[][]> = { store: [[], []], load: [[], []] }
  const differences: Record<Operation, number[]> = { store: [], load: [] }
  const random = new Random(7)
  const order = Int32Array.from({ length: corpus.pages }, (_, page) => page)
  const took = [0, 1].map(() => new Float64Array(corpus.pages))
  for (let round = 0; round < WARM_ROUNDS + rounds; round++)
    for (const operation of ['store', 'load'] as const) {
      random.shuffle(order)
      const half = order.length >> 1
      for (let i = 0; i < order.length; i++)
        for (const side of [0, 1]) {
          const page = order[(i + side * half) % order.length]
          const { pools, plan } = sides[side]
          const { frontswap, [operation]: meter } = pools[pool]
          const before = meter.sum
          if (operation === 'store') frontswap.store(page, page)
          else frontswap.load(page, plan.target)
          took[side][page] = meter.sum - before
        }
      if (round < WARM_ROUNDS) continue
      for (const page of order) {
        // A page that was refused takes no time here.
        if (took[0][page] === 0 || took[1][page] === 0) continue
        for (const side of [0, 1]) ns[operation][side].push(took[side][page])
        differences[operation].push(took[1][page] - took[0][page])
      }
    }
  return { ns, differences }
}

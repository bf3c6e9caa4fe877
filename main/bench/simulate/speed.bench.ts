import { parseArgs } from 'node:util'
import { type ExperimentInput, type ExperimentSpec, type LaneSpec, parseSpec } from '../../contract/index.ts'
import { median } from '../measure/median.ts'
import { slotsFor } from '../plan.ts'
import { runTrial } from '../trial/index.ts'
import { type AccessOp, type AccessStream, createAccess, READ } from '../workloads/index.ts'
import { prepareSimulation } from './prepare.ts'
import { sweep } from './sweep.ts'

/**
 * Accesses per CPU second of the simulator, as a ratio to a bare LRU in the same process, in turns; what a second thread adds to a
 * sweep; and resident memory after more and more accesses: `node main/bench/simulate/speed.bench.ts [--operations N] [--rounds N]`. All run the
 * same trace, made beforehand: zipf 0.9 over 65 536 pages, 30 % writes, and for each as many frames as give 24 % misses. The bare LRU is two linked
 * lists through typed arrays and nothing else: no time, no disk, no contents.
 */

const PAGES = 65_536
const TRACE = 1 << 22
const MISSES = 0.24

const { values } = parseArgs({
  options: {
    operations: { type: 'string', default: '10000000' },
    rounds: { type: 'string', default: '5' },
  },
})
const operations = Number(values.operations)
const rounds = Number(values.rounds)

/** vpn * 4 + op */
const trace = new Int32Array(TRACE)
const stream = createAccess({ pattern: 'zipf', theta: 0.9, writes: 0.3 }, { pages: PAGES, operations: TRACE, seed: 42 })
for (let i = 0; i < TRACE; i++) {
  stream.next()
  trace[i] = stream.vpn * 4 + stream.op
}

/** CPU time, so that neighbours on the machine do not count; the compiler's threads do. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** The trace over and over. */
class Replay implements AccessStream {
  vpn = 0
  op: AccessOp = READ
  private at = 0

  next(): void {
    const entry = trace[this.at++ & (TRACE - 1)]
    this.vpn = entry >> 2
    this.op = (entry & 3) as AccessOp
  }
}

/** Misses of an LRU of `capacity` pages over `count` accesses of the trace. */
function bareLru(capacity: number, count: number): number {
  const next = new Int32Array(PAGES)
  const prev = new Int32Array(PAGES)
  const resident = new Uint8Array(PAGES)
  let head = -1
  let tail = -1
  let size = 0
  let misses = 0
  for (let i = 0; i < count; i++) {
    const vpn = trace[i & (TRACE - 1)] >> 2
    if (vpn === head) continue
    if (resident[vpn]) {
      const before = prev[vpn]
      const after = next[vpn]
      next[before] = after
      if (after >= 0) prev[after] = before
      else tail = before
    } else {
      misses++
      resident[vpn] = 1
      if (size === capacity) {
        const victim = tail
        tail = prev[victim]
        next[tail] = -1
        resident[victim] = 0
      } else size++
    }
    prev[vpn] = -1
    next[vpn] = head
    if (head >= 0) prev[head] = vpn
    else tail = vpn
    head = vpn
  }
  return misses
}

/** The fewest frames with no more misses than wanted. */
async function framesFor(missesWith: (frames: number) => number | Promise<number>): Promise<number> {
  let low = 256
  let high = PAGES
  while (high - low > 64) {
    const middle = (low + high) >> 1
    if ((await missesWith(middle)) > MISSES) low = middle
    else high = middle
  }
  return high
}

const LANES: Record<string, LaneSpec> = Object.fromEntries(
  parseSpec({ lanes: [{ lane: 'raw' }, { lane: 'zcache' }, { lane: 'zcache', writeback: 'on' }] }).lanes.map((lane) => [
    'writeback' in lane ? `zcache, writeback ${lane.writeback}` : lane.lane,
    lane,
  ]),
)

function specOf(lane: LaneSpec, frames: number, count: number): ExperimentSpec {
  const input: ExperimentInput = {
    mode: 'simulate',
    simulate: { sizes: 'magenheimer' },
    memory: { frames, pool: Math.floor(frames / 2) },
    workload: { pages: PAGES, operations: count, access: { pattern: 'zipf', theta: 0.9, writes: 0.3 } },
    lanes: [lane],
    trials: 1,
    warmup: 0,
  }
  return parseSpec(input)
}

async function simulated(
  lane: LaneSpec,
  frames: number,
  count: number,
): Promise<{ perSecond: number; misses: number }> {
  const spec = specOf(lane, frames, count)
  const slots = slotsFor(spec)
  const worlds = prepareSimulation(spec, { slots, selfCorpus: null })
  const start = cpuSeconds()
  const result = await runTrial(
    { spec, lane, slots, openWorld: worlds.open(lane, 0), accesses: new Replay() },
    { tick: async () => {} },
  )
  const seconds = cpuSeconds() - start
  return { perSecond: (PAGES + count) / seconds, misses: result.counters.pgfault / count }
}

const millions = (value: number) => (value / 1e6).toFixed(1).padStart(6)

const bareFrames = await framesFor((frames) => bareLru(frames, TRACE) / TRACE)
const lanes: { name: string; lane: LaneSpec; frames: number; rates: number[]; ratios: number[] }[] = []
for (const [name, lane] of Object.entries(LANES)) {
  const frames = await framesFor(async (frames) => (await simulated(lane, frames, 1_000_000)).misses)
  lanes.push({ name, lane, frames, rates: [], ratios: [] })
}

const bare: number[] = []
for (let round = 0; round < rounds; round++) {
  for (const { name, lane, frames, rates, ratios } of lanes) {
    const start = cpuSeconds()
    bareLru(bareFrames, operations)
    const lru = operations / (cpuSeconds() - start)
    const { perSecond, misses } = await simulated(lane, frames, operations)
    bare.push(lru)
    rates.push(perSecond)
    ratios.push(perSecond / lru)
    if (round === 0) process.stdout.write(`${name}: ${(misses * 100).toFixed(1)} % faults with ${frames} frames\n`)
  }
}
process.stdout.write(`${'bare LRU'.padEnd(24)}${millions(median(bare))} M accesses per CPU second\n`)
for (const { name, rates, ratios } of lanes)
  process.stdout.write(
    `${name.padEnd(24)}${millions(median(rates))} M accesses per CPU second, ${median(ratios).toFixed(3)} of the bare LRU\n`,
  )

/** Wall time of a sweep of so many alike, each of so many accesses, on so many threads, s. */
async function sweepSeconds(of: { lane: LaneSpec; frames: number }, size: number, count: number, workers: number) {
  const specs = Array.from({ length: size }, (_, seed) => ({ ...specOf(of.lane, of.frames, count), seed }))
  const start = performance.now()
  await sweep(specs, { workers })
  return (performance.now() - start) / 1e3
}

// The threads of a sweep are kept for the next: only the first one of a process pays for their modules, and most of their compiled code.
const cold = await sweepSeconds(lanes[2], 2, 1000, 2)
process.stdout.write(`two threads have started, and answered once, after ${cold.toFixed(1)} s\n`)
for (const [of, size, count, times] of [
  [lanes[2], 64, operations / 50, rounds],
  [lanes[0], 8, operations * 2.5, 1],
] as const) {
  const gains: number[] = []
  let seconds = await sweepSeconds(of, 2, count, 2)
  for (let round = 0; round < times; round++) {
    seconds = await sweepSeconds(of, size, count, 1)
    gains.push(seconds / (await sweepSeconds(of, size, count, 2)))
  }
  process.stdout.write(
    `a sweep of ${size} times ${(seconds / size).toFixed(2)} s, ${of.name}, on two threads: ${median(gains).toFixed(2)} times as fast as on one\n`,
  )
}

for (const { name, lane, frames } of [lanes[0], lanes[2]])
  for (let count = operations / 100; count <= operations * 10; count *= 10) {
    await simulated(lane, frames, count)
    const mib = (process.memoryUsage.rss() / 2 ** 20).toFixed(0)
    process.stdout.write(`${name}: ${mib} MiB resident after ${count.toExponential(0)} accesses\n`)
  }

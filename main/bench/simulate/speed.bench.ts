import { type ExperimentSpec, type LaneSpec, parseSpec } from '../../contract/index.ts'
import { slotsFor } from '../plan.ts'
import { runTrial } from '../trial.ts'
import { type AccessOp, type AccessStream, createAccess, READ } from '../workloads/index.ts'
import { prepareSimulation } from './prepare.ts'

/**
 * Accesses per CPU second of the simulator, as a ratio to a bare LRU in the same process, in turns:
 * `node main/bench/simulate/speed.bench.ts [operations]`. Both run the same trace, made beforehand: zipf 0.9 over 65 536
 * pages, 30 % writes, and as many frames as give 24 % misses. The bare LRU is two linked lists through typed arrays and nothing else:
 * no time, no disk, no contents.
 */

const PAGES = 65_536
const TRACE = 1 << 22
const ROUNDS = 5
const MISSES = 0.24
const operations = Number(process.argv[2] ?? 10_000_000)

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

/** Frames at which the bare LRU misses as often as wanted. */
function framesFor(share: number): number {
  let low = 256
  let high = PAGES
  while (high - low > 16) {
    const middle = (low + high) >> 1
    if (bareLru(middle, TRACE) / TRACE > share) low = middle
    else high = middle
  }
  return high
}

const frames = framesFor(MISSES)
const LANES: Record<string, LaneSpec> = Object.fromEntries(
  parseSpec({ lanes: [{ lane: 'raw' }, { lane: 'zcache' }, { lane: 'zcache', writeback: 'on' }] }).lanes.map((lane) => [
    'writeback' in lane ? `zcache, writeback ${lane.writeback}` : lane.lane,
    lane,
  ]),
)

async function simulated(lane: LaneSpec): Promise<{ perSecond: number; misses: number }> {
  const spec: ExperimentSpec = parseSpec({
    mode: 'simulate',
    simulate: { sizes: 'magenheimer' },
    memory: { frames, pool: Math.floor(frames / 2) },
    workload: { pages: PAGES, operations, access: { pattern: 'zipf', theta: 0.9, writes: 0.3 } },
    lanes: [lane],
    warmup: 0,
  })
  const slots = slotsFor(spec)
  const worlds = prepareSimulation(spec, { slots, selfCorpus: null })
  const start = cpuSeconds()
  const result = await runTrial(
    { spec, lane, slots, openWorld: worlds.open(lane, 0), accesses: new Replay() },
    { tick: async () => {} },
  )
  const seconds = cpuSeconds() - start
  return { perSecond: (PAGES + operations) / seconds, misses: result.counters.pgfault / operations }
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]
const millions = (value: number) => (value / 1e6).toFixed(1).padStart(6)

const bare: number[] = []
const rates = new Map<string, number[]>()
const ratios = new Map<string, number[]>()
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, lane] of Object.entries(LANES)) {
    const start = cpuSeconds()
    bareLru(frames, operations)
    const lru = operations / (cpuSeconds() - start)
    const { perSecond, misses } = await simulated(lane)
    bare.push(lru)
    rates.set(name, [...(rates.get(name) ?? []), perSecond])
    ratios.set(name, [...(ratios.get(name) ?? []), perSecond / lru])
    if (round === 0) process.stdout.write(`${name}: ${(misses * 100).toFixed(1)} % faults with ${frames} frames\n`)
  }
}
process.stdout.write(`${'bare LRU'.padEnd(24)}${millions(median(bare))} M accesses per CPU second\n`)
for (const [name, values] of rates)
  process.stdout.write(
    `${name.padEnd(24)}${millions(median(values))} M accesses per CPU second, ${median(ratios.get(name) ?? []).toFixed(2)} of the bare LRU\n`,
  )
process.stdout.write(`resident at the end: ${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MiB\n`)

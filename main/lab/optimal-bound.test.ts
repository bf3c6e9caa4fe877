import { describe, expect, it } from 'vitest'
import { simulateExperiment } from '../bench/index.ts'
import {
  type ExperimentSpec,
  LIMITS,
  type NamedWorkload,
  PolicyName,
  parseSpec,
  workloadOf,
} from '../contract/index.ts'
import { WORKLOADS } from './specifications/workloads.ts'

const SEEDS = [1, 2]
const OTHERS = PolicyName.options.filter((policy) => policy !== 'optimal')

/** All policies beside `optimal` on a small RAM, in as many experiments as the most lanes ask for. */
function experiments(workload: NamedWorkload, seed: number): ExperimentSpec[] {
  const most = LIMITS.lanes.max - 1
  const groups = Array.from({ length: Math.ceil(OTHERS.length / most) }, (_, i) =>
    OTHERS.slice(i * most, (i + 1) * most),
  )
  return groups.map((group) => {
    const spec = parseSpec({
      seed,
      mode: 'simulate',
      memory: { frames: 256, pool: 112 },
      workload: { content: { source: 'synthetic', pages: 64 }, operations: 2000 },
      lanes: ['optimal', ...group].map((policy) => ({ lane: 'zcache', writeback: 'on', policy, inflight: 8 })),
      trials: 1,
    })
    return { ...spec, workload: { ...workloadOf(workload, spec), content: spec.workload.content } }
  })
}

/** Bytes read by each policy, and the least that any could. */
async function readsOn(workload: NamedWorkload, seed: number): Promise<{ least: number; reads: Map<string, number> }> {
  const reads = new Map<string, number>()
  let least = Number.NaN
  for (const spec of experiments(workload, seed)) {
    const { trials } = await simulateExperiment(spec)
    for (const { lane, metrics } of trials) {
      const entry = spec.lanes[lane]
      reads.set('policy' in entry ? entry.policy : entry.lane, metrics['disk.bytes_read'])
      least = metrics['disk.bytes_read.least'] ?? least
    }
  }
  return { least, reads }
}

describe('what can be read at least', () => {
  const totals = new Map<string, number>()

  it.each(WORKLOADS.map((workload) => [workload.name, workload] as const))(
    'is not gone below by any policy on %s',
    async (_name, workload) => {
      for (const seed of SEEDS) {
        const { least, reads } = await readsOn(workload, seed)
        for (const [policy, bytes] of reads) {
          expect(bytes, `${policy}, seed ${seed}`).toBeGreaterThanOrEqual(least)
          totals.set(policy, (totals.get(policy) ?? 0) + bytes)
        }
      }
    },
  )

  it('is come closest to by the policy that knows the future, over the whole set', () => {
    const optimal = totals.get('optimal') ?? Number.NaN
    expect(totals.size).toBe(PolicyName.options.length)
    for (const policy of OTHERS) expect(totals.get(policy), policy).toBeGreaterThan(optimal)
  })
})

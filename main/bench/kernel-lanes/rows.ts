import type { ExperimentSpec } from '../../contract/index.ts'
import { openAccess, WRITE } from '../workloads/index.ts'
import type { ModelOrder } from './model-order.ts'

/** What is carried out in one part of a trial: rows for memoryReplay (vpn << 2 | op), one by one. */
export interface Part {
  count: number
  next: () => number
}

export type Parts = Record<'populate' | 'warmup' | 'measure', Part>

/** The accesses of the workload; what leaves memory is the kernel's business. @throws LabError of openAccess */
export async function drawn(spec: ExperimentSpec, warmup: number): Promise<Parts> {
  const { pages, operations, access } = spec.workload
  const stream = await openAccess(access, { pages, operations, seed: spec.seed })
  const next = () => {
    stream.next()
    return (stream.vpn << 2) | stream.op
  }
  let vpn = 0
  return {
    populate: { count: pages, next: () => (vpn++ << 2) | WRITE },
    warmup: { count: warmup, next },
    measure: { count: operations - warmup, next },
  }
}

/** The model's accesses and evictions. */
export function replayed({ populate, warmup, measure }: ModelOrder): Parts {
  const part = (rows: Uint32Array): Part => {
    let row = 0
    return { count: rows.length, next: () => rows[row++] }
  }
  return { populate: part(populate), warmup: part(warmup), measure: part(measure) }
}

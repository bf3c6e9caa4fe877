import { z } from 'zod'
import { AccessSpec } from './access.ts'
import type { ExperimentSpec } from './experiment.ts'
import { ContentSpec, LIMITS } from './spec.ts'

/** A workload with a name: everything a run's `workload` needs, relative to the RAM it is to be run on. */
export const NamedWorkload = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string().describe('what it shows, in one sentence'),
  source: z.string().describe('where it comes from'),
  pagesPerFrame: z.number().positive().describe('address space, as a multiple of memory.frames'),
  accessesPerPage: z.number().positive().describe('fewest accesses a trial needs to show it, per page'),
  access: AccessSpec,
  content: ContentSpec.nullable().describe('null: whatever the specification has'),
})
export type NamedWorkload = z.infer<typeof NamedWorkload>

type Sized = Pick<ExperimentSpec, 'memory' | 'workload'>

/**
 * The `workload` of a specification as the named one has it, sized for the specification's RAM. Contents stay where the named one does not say; accesses
 * become more where the named one needs more.
 */
export function workloadOf(named: NamedWorkload, spec: Sized): ExperimentSpec['workload'] {
  const clamp = (value: number, { min, max }: { min: number; max: number }) =>
    Math.min(max, Math.max(min, Math.round(value)))
  const pages = clamp(spec.memory.frames * named.pagesPerFrame, LIMITS.pages)
  return {
    ...spec.workload,
    content: named.content ?? spec.workload.content,
    pages,
    access: named.access,
    operations: clamp(Math.max(spec.workload.operations, pages * named.accessesPerPage), LIMITS.operations),
  }
}

import { type ExperimentSpec, isPolicyPath } from '../../contract/index.ts'

/** Policy files of an experiment, each with the first lane that names it, and that lane's field. */
export function policyFiles({ lanes }: Pick<ExperimentSpec, 'lanes'>): { file: string; lane: number; field: string }[] {
  const first = new Map<string, number>()
  for (const [index, lane] of lanes.entries())
    if ('policy' in lane && isPolicyPath(lane.policy) && !first.has(lane.policy)) first.set(lane.policy, index)
  return [...first].map(([file, lane]) => ({ file, lane, field: `lanes.${lane}.policy` }))
}

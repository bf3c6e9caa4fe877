import { type ExperimentSpec, isPolicyPath } from '../../contract/index.ts'

/** Policy files of an experiment, each with the first lane's field that names it. */
export function policyFiles({ lanes }: ExperimentSpec): { file: string; field: string }[] {
  const fields = new Map<string, string>()
  for (const [index, lane] of lanes.entries())
    if ('policy' in lane && isPolicyPath(lane.policy) && !fields.has(lane.policy))
      fields.set(lane.policy, `lanes.${index}.policy`)
  return [...fields].map(([file, field]) => ({ file, field }))
}

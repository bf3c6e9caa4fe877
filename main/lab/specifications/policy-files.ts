import { statSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { type ExperimentSpec, isPolicyPath, LabError } from '../../contract/index.ts'

/**
 * Refuses an experiment whose policy files the engine could not find, before anything is started.
 * @throws LabError bad_input, not_found, with the field
 */
export function checkPolicyFiles({ lanes }: ExperimentSpec): void {
  for (const [index, lane] of lanes.entries()) {
    if (!('policy' in lane) || !isPolicyPath(lane.policy)) continue
    const field = `lanes.${index}.policy`
    if (!isAbsolute(lane.policy))
      throw new LabError({
        code: 'bad_input',
        field,
        message: `The policy file "${lane.policy}" is not named by its full path.`,
        remedy: `Give the whole path, e.g. /home/you/${lane.policy.replace(/^(\.*\/)+/, '')}.`,
      })
    if (!statSync(lane.policy, { throwIfNoEntry: false })?.isFile())
      throw new LabError({
        code: 'not_found',
        field,
        message: `There is no policy file ${lane.policy}.`,
        remedy: 'Correct the path; "swaplab policies --new mine.ts" writes a policy to start from.',
      })
  }
}

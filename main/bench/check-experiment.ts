import { isAbsolute } from 'node:path'
import { type ExperimentSpec, LabError, PAGE_SIZE } from '../contract/index.ts'
import { checkSwapTarget } from '../swapfile/index.ts'
import { checkPolicyFiles } from '../zcache/index.ts'
import { checkKernelLanes } from './kernel-lanes/index.ts'
import { checkLanes } from './lanes/index.ts'
import { checkCpu } from './measure/cpu.ts'
import { checkCodecs } from './measured-world.ts'
import { askServers } from './nodes.ts'
import { diskPagesFor } from './plan.ts'
import { checkSimulation } from './simulate/index.ts'
import { checkContents, checkTrace } from './workloads/index.ts'

/**
 * Refuses what this host, or the files and processes a specification names, do not allow, by the code that would end the run. Nothing is made.
 * The files may be gone, or the process ended, when the run begins.
 * @throws LabError naming the field
 */
export async function checkExperiment(spec: ExperimentSpec): Promise<void> {
  const { workload, lanes, mode, cpu } = spec
  needFullPaths(spec)
  checkKernelLanes(spec)
  checkLanes(spec)
  checkPolicyFiles(lanes)
  if (mode === 'simulate') checkSimulation(spec)
  else {
    checkCpu(cpu)
    checkCodecs(spec)
    checkContents(workload.content)
    await askServers(spec)
  }
  if (workload.access.pattern === 'trace') await checkTrace(workload.access, workload)
}

/**
 * Refuses a directory that a run could not put its files in, before any is made.
 * @param waits a run before it may have its own files there until then: how much is free says nothing
 * @throws LabError of createSwapfile
 */
export function checkSwapDirectory(spec: ExperimentSpec, directory: string, waits: boolean): void {
  if (spec.mode === 'simulate') return
  const { buffered } = spec.swapfile
  checkSwapTarget({ directory, bytes: waits ? null : diskPagesFor(spec) * PAGE_SIZE, buffered })
}

/** The engine has a folder of its own to start relative paths from, which nobody means. */
function needFullPaths({ workload: { content, access }, simulate }: ExperimentSpec): void {
  const paths = {
    'workload.content.path': 'path' in content ? content.path : undefined,
    'workload.access.path': 'path' in access ? access.path : undefined,
    'simulate.calibration': simulate.calibration,
  }
  for (const [field, path] of Object.entries(paths)) {
    if (path?.includes('\0'))
      throw new LabError({
        code: 'bad_input',
        field,
        message: 'The path holds a zero byte, which no path can.',
        remedy: 'Type it anew.',
      })
    if (path !== undefined && !isAbsolute(path))
      throw new LabError({
        code: 'bad_input',
        field,
        message: `"${path}" is not a full path.`,
        remedy: `Give the whole path, e.g. /home/you/${path.replace(/^(\.*\/)+/, '')}.`,
      })
  }
}

import { implement, ORPCError, ValidationError } from '@orpc/server'
import { contract, faultOf, type LabFault, parseRecorded } from '../contract/index.ts'
import type { LabCore } from './lab.ts'
import { acceptSpec } from './specifications/accept.ts'
import { allocatorFacts, laneFacts, policyFacts } from './specifications/catalog.ts'
import { experimentHash } from './specifications/experiment-hash.ts'
import { PRESETS } from './specifications/presets.ts'
import { parseSpecText, specToYaml } from './specifications/spec-text.ts'
import { WORKLOADS } from './specifications/workloads.ts'
import { checkSweep } from './sweeps/plan.ts'

/** Any error as the one refusal of the contract. What nobody foresaw is written to stderr too, with its stack. */
function refusal(error: unknown): ORPCError<'LAB', LabFault> {
  const fault = inputFault(error) ?? faultOf(error)
  if (fault.code === 'internal') console.error(error)
  return new ORPCError('LAB', { defined: true, status: 422, message: fault.message, data: fault })
}

function inputFault(error: unknown): LabFault | null {
  if (!(error instanceof ORPCError) || !(error.cause instanceof ValidationError) || error.code !== 'BAD_REQUEST')
    return null
  const problems = error.cause.issues.map((issue) => {
    const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
    return { path, message: issue.message }
  })
  return {
    code: 'bad_input',
    message: problems.map(({ path, message }) => `${path || 'request'}: ${message}`).join('; '),
    field: problems[0]?.path || undefined,
    remedy: 'Correct the field and try again.',
  }
}

/** The contract, answered by a lab. */
export function createRouter(lab: LabCore) {
  const os = implement(contract).use(async ({ next }) => {
    try {
      return await next()
    } catch (error) {
      if (error instanceof ORPCError && error.code === 'LAB') throw error
      throw refusal(error)
    }
  })
  const { eyes, version, dataDir, door } = lab.options
  return os.router({
    presets: os.presets.handler(() => [...PRESETS]),
    workloads: os.workloads.handler(() => [...WORKLOADS]),
    lanes: os.lanes.handler(async () => laneFacts(await eyes.codecs())),
    policies: os.policies.handler(policyFacts),
    allocators: os.allocators.handler(allocatorFacts),
    codecs: os.codecs.handler(() => eyes.codecs()),
    host: {
      get: os.host.get.handler(({ input }) => eyes.report(lab.swapDir(input.swapDir))),
      check: os.host.check.handler(({ input }) => eyes.check(lab.swapDir(input.swapDir))),
      calibrate: os.host.calibrate.handler(({ input }) => lab.calibrate(input)),
      calibration: os.host.calibration.handler(() => lab.calibrations.state()),
      cancelCalibration: os.host.cancelCalibration.handler(() => ({ cancelled: lab.calibrations.cancel() })),
      consent: os.host.consent.handler(({ input }) => lab.consent(input.spec, input.swapDir)),
      restore: os.host.restore.handler(({ input }) => lab.restore(input.privileged)),
    },
    spec: {
      validate: os.spec.validate.handler(async ({ input }) => {
        const spec = await acceptSpec(input.spec)
        return { spec, hash: experimentHash(spec) }
      }),
      write: os.spec.write.handler(({ input }) => ({ yaml: specToYaml(parseRecorded(input.spec)) })),
      parse: os.spec.parse.handler(({ input }) => parseSpecText(input.text)),
      estimate: os.spec.estimate.handler(({ input }) => lab.estimate(input.spec, input.swapDir)),
    },
    runs: {
      check: os.runs.check.handler(({ input }) => lab.control.check(input.spec, input.swapDir, input.privileged)),
      start: os.runs.start.handler(({ input }) => lab.control.start(input.spec, input.swapDir, input.privileged)),
      more: os.runs.more.handler(({ input }) => lab.control.more(input.id, input.privileged)),
      cancel: os.runs.cancel.handler(({ input }) => lab.control.cancel(input.id)),
      watch: os.runs.watch.handler(({ input }) => lab.watch.watch(input.id)),
      active: os.runs.active.handler(() => lab.watch.active()),
      list: os.runs.list.handler(({ input }) => lab.records.list(input)),
      get: os.runs.get.handler(({ input }) => lab.reports.document(input.id)),
      charts: os.runs.charts.handler(({ input }) => lab.reports.charts(input.id)),
      series: os.runs.series.handler(({ input }) => lab.reports.series(input.id, input.block)),
      delete: os.runs.delete.handler(({ input }) => lab.records.delete(input.id)),
      undelete: os.runs.undelete.handler(({ input }) => lab.records.undelete(input.id)),
      tag: os.runs.tag.handler(({ input }) => lab.records.tag(input.id, input.tags)),
      note: os.runs.note.handler(({ input }) => lab.records.note(input.id, input.note)),
      compare: os.runs.compare.handler(({ input }) => lab.comparisons.runs(input.base, input.new, input.gates)),
      compareLanes: os.runs.compareLanes.handler(({ input }) => lab.comparisons.lanes(input.id, input, input.gates)),
      pin: os.runs.pin.handler(({ input }) => lab.comparisons.pin(input.id)),
      unpin: os.runs.unpin.handler(({ input }) => lab.comparisons.unpin(input.id)),
      trend: os.runs.trend.handler(({ input }) => lab.comparisons.trend(input.id, input.metric, input.lane)),
      export: os.runs.export.handler(({ input }) => lab.files.export(input.id, input.format)),
      import: os.runs.import.handler(({ input }) => lab.files.import(input.text)),
    },
    sweeps: {
      check: os.sweeps.check.handler(async ({ input: { spec, vary } }) => ({
        points: await checkSweep({ spec, vary }),
      })),
      start: os.sweeps.start.handler(({ input }) => lab.sweeper.start(input)),
      cancel: os.sweeps.cancel.handler(({ input }) => lab.sweeper.cancel(input.id)),
      list: os.sweeps.list.handler(({ input }) => lab.sweeps.list(input)),
      state: os.sweeps.state.handler(({ input }) => lab.sweeps.state(input.id)),
      get: os.sweeps.get.handler(({ input }) => lab.sweeps.document(input.id)),
      delete: os.sweeps.delete.handler(({ input }) => lab.sweeps.delete(input.id)),
      undelete: os.sweeps.undelete.handler(({ input }) => lab.sweeps.undelete(input.id)),
    },
    about: os.about.handler(() => ({ version, dataDir, door })),
  })
}

export type LabRouter = ReturnType<typeof createRouter>

import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { implement, ORPCError } from '@orpc/server'
import {
  type Calibration,
  type ComparedMetric,
  contract,
  type ExperimentSpec,
  faultOf,
  isKernelLane,
  LabError,
  LabFault,
  laneLabel,
  type Progress,
  parseSpec,
  type RunDocument,
} from '../../main/contract/index.ts'
import { besideKernel, CALIBRATION_STEPS, calibration } from './calibrations.ts'
import { allocatorFacts, laneFacts, policyFacts } from './choices.ts'
import { check, codecs, consent, host } from './hosts.ts'
import { charts, series } from './run-charts.ts'
import { document, summary } from './run-document.ts'
import { everyState, many } from './runs.ts'
import { presets, TWIN } from './specifications.ts'
import { everySweep, fixtureSweeps, largeSweep } from './sweeps.ts'
import { trend } from './trend.ts'
import { workloads } from './workloads.ts'

export type Scenario = 'full' | 'empty' | 'many' | 'broken'

const RUN_SECONDS = Number(process.env.FIXTURE_RUN_SECONDS ?? 12)
/** Of a calibration. */
const STEP_MS = Number(process.env.FIXTURE_STEP_SECONDS ?? 1) * 1000

function needConsent({ lanes }: ExperimentSpec, privileged: boolean): void {
  if (lanes.some(isKernelLane) && !privileged)
    throw new LabError({
      code: 'no_permission',
      field: 'privileged',
      message: "The kernel lanes change this host's swap settings for each trial, which needs root.",
    })
}

/** Every verdict in turn. */
function compared(lanes: RunDocument['lanes']): ComparedMetric[] {
  return lanes.flatMap((lane) =>
    Object.entries(lane.metrics).map(([metric, { median, unit, better, n }], index) => {
      const shift = ((index % 5) - 2) * 0.08
      return {
        lane: lane.label,
        metric,
        unit,
        base: median,
        new: median * (1 + shift),
        shift,
        low: shift - 0.04,
        high: shift + 0.05,
        cliffsDelta: shift * 6,
        p: 0.01,
        pAdjusted: 0.03,
        verdict: shift === 0 ? 'same' : Math.abs(shift) < 0.1 ? 'unknown' : 'different',
        better,
        n: { base: n, new: n },
        detectable: 0.06,
      }
    }),
  )
}

/** The contract, answered with made-up documents. */
export function fixtureRouter(scenario: Scenario) {
  const documents: RunDocument[] = scenario === 'full' ? everyState() : scenario === 'many' ? many(10_000) : []
  const sweeps = fixtureSweeps(
    scenario === 'full' ? everySweep() : scenario === 'many' ? [largeSweep(), ...everySweep()] : [],
    RUN_SECONDS * 1000,
  )
  const deleted = new Map<string, RunDocument>()
  const started = new Map<string, number>()
  const cancelled = new Set<string>()
  let lastCalibration: Calibration | null = null
  let calibrating: { since: number; cancel: AbortController } | null = null

  const os = implement(contract).use(async ({ next }) => {
    try {
      if (scenario === 'broken')
        throw new LabError({
          code: 'internal',
          message: 'The history could not be read: disk I/O error.',
          remedy: 'Check the disk, then try again.',
        })
      return await next()
    } catch (error) {
      if (error instanceof ORPCError) throw error
      throw new ORPCError('LAB', { defined: true, status: 422, data: LabFault.parse(faultOf(error)) })
    }
  })

  const find = (id: string): RunDocument => {
    const found = documents.find(({ run }) => run.id === id)
    if (!found) throw new LabError({ code: 'not_found', message: `There is no run ${id}.`, remedy: 'See the history.' })
    return found
  }
  const replace = (id: string, change: Partial<RunDocument['run']>): RunDocument => {
    const old = find(id)
    const fresh = { ...old, run: { ...old.run, ...change } }
    documents[documents.indexOf(old)] = fresh
    return fresh
  }
  const end = (id: string, status: 'done' | 'cancelled') => {
    const old = find(id)
    documents[documents.indexOf(old)] = document(id, old.spec, status, Date.parse(old.run.startedAt))
    started.delete(id)
  }
  const progressOf = (id: string): Progress => {
    const { spec, run } = find(id)
    const elapsedMs = Date.now() - (started.get(id) ?? Date.now())
    const fraction = Math.min(1, elapsedMs / (RUN_SECONDS * 1000))
    const total = spec.trials * spec.lanes.length
    const index = Math.min(total - 1, Math.floor(fraction * total))
    const wave = 1 + 0.3 * Math.sin(elapsedMs / 1500)
    const running = run.status === 'running'
    return {
      runId: id,
      status: run.status,
      phase: running ? (fraction < 0.1 ? 'prepare' : 'measure') : 'ended',
      message: running ? 'Measuring on no disk at all (fixture)' : 'Ended',
      lane: laneLabel(spec.lanes[index % spec.lanes.length]),
      trial: { index, total },
      fraction: running ? fraction : 1,
      elapsedMs,
      etaMs: running ? RUN_SECONDS * 1000 - elapsedMs : null,
      decision: null,
      sample: {
        t: elapsedMs,
        warmup: false,
        accesses: Math.round(91_000 * wave),
        faultsPool: Math.round(18_000 * wave),
        faultsDisk: Math.round(6_000 * wave),
        faultsSwapcache: Math.round(700 * wave),
        faultsZero: Math.round(300 / wave),
        faultsZeromap: 0,
        faultsFile: 0,
        faultsCleancache: 0,
        faultsRemote: 0,
        poolFrames: Math.min(2048, Math.round(elapsedMs / 4)),
        freeFrames: 64,
        inflight: 12,
        writtenBack: Math.round(4_000 * wave),
        bytesWritten: Math.round(22e6 * wave),
        bytesRead: Math.round(41e6 * wave),
      },
    }
  }
  const start = (spec: ExperimentSpec): { id: string } => {
    const id = randomUUID().slice(0, 8)
    documents.unshift(document(id, spec, 'running', Date.now()))
    started.set(id, Date.now())
    setTimeout(() => started.has(id) && end(id, 'done'), RUN_SECONDS * 1000)
    return { id }
  }

  return os.router({
    presets: os.presets.handler(() => presets),
    workloads: os.workloads.handler(() => workloads),
    lanes: os.lanes.handler(() => laneFacts),
    policies: os.policies.handler(() => policyFacts),
    allocators: os.allocators.handler(() => allocatorFacts),
    codecs: os.codecs.handler(() => codecs),
    host: {
      get: os.host.get.handler(() => host),
      check: os.host.check.handler(async () => {
        await pause(1200)
        return check
      }),
      calibrate: os.host.calibrate.handler(async ({ input: { against, privileged } }) => {
        if (against === 'kernel') needConsent(TWIN, privileged)
        if (calibrating) throw new LabError({ code: 'busy', message: 'A calibration of this lab is measuring now.' })
        const cancel = new AbortController()
        calibrating = { since: Date.now(), cancel }
        try {
          await pause(CALIBRATION_STEPS.length * STEP_MS, undefined, { signal: cancel.signal })
        } catch {
          throw new LabError({
            code: 'cancelled',
            message: 'The calibration was cancelled; nothing of it is kept.',
          })
        } finally {
          calibrating = null
        }
        lastCalibration = { ...calibration, kernel: against === 'kernel' ? besideKernel : null, host }
        return lastCalibration
      }),
      calibration: os.host.calibration.handler(() => {
        const elapsedMs = calibrating ? Date.now() - calibrating.since : 0
        const step = CALIBRATION_STEPS[Math.min(CALIBRATION_STEPS.length - 1, Math.floor(elapsedMs / STEP_MS))]
        return {
          last: lastCalibration,
          file: '/home/fixture/.local/share/swaplab/calibration.json',
          underWay: calibrating && { step, elapsedMs },
        }
      }),
      cancelCalibration: os.host.cancelCalibration.handler(() => {
        const cancelled = calibrating !== null
        calibrating?.cancel.abort()
        return { cancelled }
      }),
      consent: os.host.consent.handler(() => consent),
      restore: os.host.restore.handler(() => ({ done: [], left: [] })),
    },
    spec: {
      validate: os.spec.validate.handler(({ input }) => {
        const spec = parseSpec(input.spec)
        return { spec, hash: 'f1x7u2e0' }
      }),
      write: os.spec.write.handler(({ input }) => ({ yaml: JSON.stringify(input.spec, null, 2) })),
      parse: os.spec.parse.handler(({ input }) => {
        let value: unknown
        try {
          value = JSON.parse(input.text)
        } catch {
          throw new LabError({
            code: 'bad_input',
            message: 'line 1: this is neither YAML nor JSON (the fixture reads JSON only)',
          })
        }
        return parseSpec(value)
      }),
      estimate: os.spec.estimate.handler(({ input }) => {
        const spec = parseSpec(input.spec)
        return {
          seconds: (spec.trials * spec.lanes.length * spec.workload.operations) / 60_000,
          diskBytes: (spec.workload.pages + 1) * 4096,
          preparationBytes: (spec.workload.pages + 1) * 4096 * (1 + spec.swapfile.precondition),
          diskFreeBytes: 8 * 2 ** 30,
          memoryBytes: spec.memory.frames * 4096 + 90 * 2 ** 20,
          basis: 'the last run on this host',
        }
      }),
    },
    runs: {
      check: os.runs.check.handler(({ input }) => ({ spec: parseSpec(input.spec), hash: 'f1x7u2e0' })),
      start: os.runs.start.handler(({ input }) => {
        const spec = parseSpec(input.spec)
        needConsent(spec, input.privileged)
        if (spec.workload.pages > 2_000_000)
          throw new LabError({
            code: 'no_space',
            message: 'The swap file needs 7.63 GiB with its margin, and 2.10 GiB are free.',
            remedy: 'Make the address space smaller or choose another swap directory.',
            field: 'workload.pages',
          })
        return start(spec)
      }),
      cancel: os.runs.cancel.handler(({ input }) => {
        cancelled.add(input.id)
        end(input.id, 'cancelled')
        return { cancelled: true }
      }),
      watch: os.runs.watch.handler(async function* ({ input, signal }) {
        for (;;) {
          const progress = progressOf(input.id)
          yield progress
          if (progress.phase === 'ended' || signal?.aborted) return
          await pause(1000)
        }
      }),
      active: os.runs.active.handler(() => [...started.keys()].map(progressOf)),
      list: os.runs.list.handler(({ input }) => {
        const found = documents
          .map(summary)
          .filter((run) => input.statuses.length === 0 || input.statuses.includes(run.status))
          .filter((run) => `${run.name} ${run.tags.join(' ')} ${run.status}`.includes(input.search))
        return { runs: found.slice(input.offset, input.offset + input.limit), total: found.length }
      }),
      get: os.runs.get.handler(({ input }) => find(input.id)),
      charts: os.runs.charts.handler(({ input }) => charts(find(input.id))),
      series: os.runs.series.handler(({ input }) => series(find(input.id), input.block)),
      delete: os.runs.delete.handler(({ input }) => {
        const found = find(input.id)
        documents.splice(documents.indexOf(found), 1)
        deleted.set(input.id, found)
        return { undoUntil: new Date(Date.now() + 10_000).toISOString() }
      }),
      undelete: os.runs.undelete.handler(({ input }) => {
        const found = deleted.get(input.id)
        if (!found) throw new LabError({ code: 'not_found', message: 'That run is gone.' })
        documents.unshift(found)
        documents.sort((a, b) => b.run.startedAt.localeCompare(a.run.startedAt))
        return summary(found)
      }),
      tag: os.runs.tag.handler(({ input }) => summary(replace(input.id, { tags: input.tags }))),
      note: os.runs.note.handler(({ input }) => summary(replace(input.id, { note: input.note }))),
      more: os.runs.more.handler(({ input }) => {
        const { spec } = find(input.id)
        needConsent(spec, input.privileged)
        return start({ ...spec, adaptive: { ...spec.adaptive, limit: 120 } })
      }),
      pin: os.runs.pin.handler(({ input }) => {
        for (const { run } of [...documents]) replace(run.id, { baseline: run.id === input.id, baselineId: input.id })
        return summary(find(input.id))
      }),
      unpin: os.runs.unpin.handler(({ input }) => {
        for (const { run } of [...documents]) replace(run.id, { baseline: false, baselineId: null })
        return summary(find(input.id))
      }),
      trend: os.runs.trend.handler(({ input }) => {
        const found = find(input.id)
        const finished = documents.filter(({ run }) => run.status === 'done')
        return trend(found, finished, input.lane ?? found.lanes[0].label, input.metric)
      }),
      compareLanes: os.runs.compareLanes.handler(({ input }) => {
        const { run, lanes } = find(input.id)
        if (lanes.length < 2)
          throw new LabError({ code: 'bad_input', message: 'There are no two lanes to compare.', field: 'id' })
        const [base, next] = [lanes[0].label, lanes[lanes.length - 1].label]
        return {
          run: { id: run.id, name: run.name, mode: run.mode },
          lanes: lanes.map(({ label }) => label),
          base: input.base ?? base,
          new: input.new ?? next,
          warnings: [],
          metrics: compared(lanes.slice(-1)),
          gates: [],
        }
      }),
      compare: os.runs.compare.handler(({ input }) => {
        const base = find(input.base ?? find(input.new[0]).run.baselineId ?? '')
        const news = input.new.map(find)
        return {
          base: { id: base.run.id, name: base.run.name, mode: base.run.mode },
          new: news.map(({ run: { id, name, mode } }) => ({ id, name, mode })),
          warnings: ['The two runs have different specifications: memory.frames, trials.'],
          gates: [],
          metrics: news.flatMap(({ run, lanes }) => compared(lanes).map((metric) => ({ ...metric, newRun: run.id }))),
        }
      }),
      export: os.runs.export.handler(({ input }) => ({
        filename: `${input.id}.${input.format}`,
        mime: 'application/json',
        text: JSON.stringify(find(input.id), null, 2),
      })),
      import: os.runs.import.handler(() => {
        throw new LabError({
          code: 'bad_input',
          message: 'This file is not a Swaplab bundle.',
          remedy: 'Export one with "bundle".',
        })
      }),
    },
    sweeps: {
      check: os.sweeps.check.handler(({ input }) => sweeps.check(input)),
      start: os.sweeps.start.handler(({ input }) => sweeps.start(input)),
      cancel: os.sweeps.cancel.handler(({ input }) => sweeps.cancel(input.id)),
      list: os.sweeps.list.handler(({ input }) => sweeps.list(input)),
      state: os.sweeps.state.handler(({ input }) => sweeps.state(input.id)),
      get: os.sweeps.get.handler(({ input }) => sweeps.get(input.id)),
      delete: os.sweeps.delete.handler(({ input }) => sweeps.delete(input.id)),
      undelete: os.sweeps.undelete.handler(({ input }) => sweeps.undelete(input.id)),
    },
    about: os.about.handler(() => ({
      version: '0.1.0',
      dataDir: '/home/fixture/.local/share/swaplab',
      door: 'web' as const,
    })),
  })
}

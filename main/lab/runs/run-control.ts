import { randomBytes } from 'node:crypto'
import type { History, Owner } from '../../../db/index.ts'
import { checkExperiment, needConsent, policyFileDigest } from '../../bench/index.ts'
import { type ExperimentSpec, LabError, policyDigestOf, policyFileNote } from '../../contract/index.ts'
import { changedConditions } from '../host/conditions.ts'
import type { HostEyes } from '../host/eyes.ts'
import { swapDirectory } from '../host/swap-directory.ts'
import { isPending } from '../records.ts'
import { acceptSpec } from '../specifications/accept.ts'
import { experimentHash } from '../specifications/experiment-hash.ts'
import { policyFiles } from '../specifications/policy-files.ts'
import { carriedOf, lanesOf, planMore } from './collect-more.ts'
import type { EngineProcess } from './engine-process.ts'
import { checkPolicies } from './policy-check.ts'
import { collectingFurther, type RunQueue } from './queue.ts'
import type { RunRecords } from './run-records.ts'

interface Parts {
  history: History
  records: RunRecords
  queue: RunQueue
  startEngine: () => EngineProcess
  owner: Owner
  eyes: HostEyes
  dataDir: string
  /** Of Swaplab. */
  version: string
  now: () => Date
}

/** Starts runs, has finished ones collect more, and cancels. */
export class RunControl {
  private readonly parts: Parts

  constructor(parts: Parts) {
    this.parts = parts
  }

  /** What must fail is not started. @throws LabError `bad_input`, `unavailable`, `no_permission` and those of the swap directory */
  async check(
    input: unknown,
    swapDirAsked: string | undefined,
    privileged: boolean,
  ): Promise<{ spec: ExperimentSpec; hash: string; swapDir: string }> {
    const { history, eyes, dataDir, startEngine } = this.parts
    const spec = await acceptSpec(input)
    needConsent(spec, privileged)
    await checkPolicies(spec, startEngine)
    const swapDir = swapDirectory(swapDirAsked, dataDir)
    eyes.checkSwapDirectory(spec, swapDir, (await history.pendingRuns()).length > 0)
    return { spec, hash: experimentHash(spec), swapDir }
  }

  /** @throws LabError as check */
  async start(input: unknown, swapDirAsked: string | undefined, privileged: boolean): Promise<{ id: string }> {
    const { history, queue, owner, eyes, version } = this.parts
    const { spec, hash, swapDir } = await this.check(input, swapDirAsked, privileged)
    const host = await eyes.report(swapDir)
    const startedAt = this.parts.now().toISOString()
    const id = newRunId(startedAt)
    const trialsTotal = spec.trials * spec.lanes.length
    await history.rememberHost(host)
    await history.rememberExperiment({ hash, spec, createdAt: startedAt })
    await history.addRun({
      id,
      experimentHash: hash,
      name: spec.name,
      startedAt,
      version,
      swapDir,
      host,
      warnings: [],
      trialsTotal,
      owner,
    })
    queue.add({ id, spec, swapDir, privileged, trialsTotal, after: null })
    return { id }
  }

  /**
   * Adds blocks to a finished run until its verdicts stand. Sound because lanes are interleaved inside every block, whenever
   * it is made; the report says which blocks are later ones.
   * @throws LabError bad_input where nothing is open or the run is not one of this host and version
   */
  async more(id: string, privileged: boolean): Promise<{ id: string }> {
    const { history, records, queue, owner, eyes, dataDir, version, startEngine } = this.parts
    const row = await records.read(id)
    const refuse = (message: string, remedy: string) =>
      new LabError({ code: 'bad_input', field: 'id', message, remedy })
    if (row.status !== 'done')
      throw refuse(`Run ${row.id} is ${row.status}; only a finished run can collect more.`, 'Run it again.')
    const swapDir = swapDirectory(row.swapDir === '' ? undefined : row.swapDir, dataDir)
    const host = await eyes.report(swapDir)
    if (host.id !== row.hostId)
      throw refuse(`Run ${row.id} was measured on another host (${row.host.hostname}).`, 'Run it again on this one.')
    const changed = changedConditions(row, { host, version })
    if (changed.length > 0)
      throw refuse(
        `Since run ${row.id} was measured has changed: ${changed.join(', ')}.`,
        'Run it again: trials under two conditions are no sample of one thing.',
      )
    const edited = policyFiles(row.spec).find(({ file, lane }) => {
      const digest = policyFileDigest(file)
      const noted = policyDigestOf(row.laneNotes[lane] ?? [])
      return digest !== null && noted !== undefined && noted !== policyDigestOf([policyFileNote(file, digest)])
    })
    if (edited)
      throw refuse(
        `Since run ${row.id} was carried out has changed: the policy file ${edited.file}.`,
        'Run it again: trials of two policies are no sample of one thing.',
      )
    const trials = await history.readTrials(row.id)
    const plan = planMore(lanesOf(row, trials), collectingFurther(row.spec.adaptive))
    if (plan.blocks === 0)
      throw refuse(`Run ${row.id} has nothing to collect: ${plan.reason}`, 'Its verdicts stand as they are.')
    await checkExperiment(row.spec)
    needConsent(row.spec, privileged)
    await checkPolicies(row.spec, startEngine)
    if (!(await history.requeue(row.id, owner)))
      throw new LabError({ code: 'busy', message: `Run ${row.id} is collecting already.` })
    const { spec, trialsTotal } = row
    queue.add({ id: row.id, spec, swapDir, privileged, trialsTotal, after: carriedOf(trials) })
    return { id: row.id }
  }

  /** @throws LabError `not_found` */
  async cancel(id: string): Promise<{ cancelled: boolean }> {
    const { history, records, queue } = this.parts
    const row = await records.find(id)
    if (!isPending(row)) return { cancelled: false }
    if (!queue.cancel(row.id)) await history.requestCancel(row.id)
    return { cancelled: true }
  }
}

/** Sorts by time, can be read aloud, and does not collide: 20260102-030405-3fa9c1. */
export function newRunId(startedAt: string): string {
  const digits = startedAt.replaceAll(/[-:]/g, '')
  return `${digits.slice(0, 8)}-${digits.slice(9, 15)}-${randomBytes(3).toString('hex')}`
}

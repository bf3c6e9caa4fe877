import { type ExperimentSpec, type LabFault, laneLabel, type TrialReport } from '../../contract/index.ts'

/** Whether a run that was carried out to its end says anything of every lane. */
export class Validity {
  private readonly spec: ExperimentSpec
  /** By lane. */
  private readonly valid = new Set<number>()
  private readonly reasons = new Map<number, Pick<LabFault, 'message' | 'remedy' | 'field'>>()

  constructor(spec: ExperimentSpec) {
    this.spec = spec
  }

  note(lane: number, report: Pick<TrialReport, 'status' | 'invalid' | 'stoppedMs' | 'fault'>): void {
    if (report.status === 'done') this.valid.add(lane)
    else if (report.status === 'failed' && report.fault) this.reasons.set(lane, report.fault)
    else if (report.status === 'invalid' && report.stoppedMs !== undefined)
      this.reasons.set(lane, {
        message: report.invalid ?? 'It was stopped.',
        remedy: 'Run it again, and let nothing stop the engine meanwhile (SIGSTOP, cpulimit).',
      })
    else if (report.status === 'invalid')
      this.reasons.set(lane, {
        message: report.invalid ?? 'No reason was given.',
        remedy: 'Ask for a lower rate (workload.load.rate), or measure what the lane can do in a closed loop.',
        field: 'workload.load.rate',
      })
  }

  /** Why the run is invalid: a lane has invalid or failed trials only. Null where it is not. */
  fault(): LabFault | null {
    const without = [...this.reasons].filter(([lane]) => !this.valid.has(lane))
    if (without.length === 0) return null
    const names = without.map(([lane]) => `"${laneLabel(this.spec.lanes[lane])}"`).join(', ')
    return {
      code: 'invalid',
      message: `No valid trial is left of ${names}. ${without[0][1].message}`,
      remedy: without[0][1].remedy,
      field: without[0][1].field,
    }
  }
}

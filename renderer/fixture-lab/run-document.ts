import {
  type ExperimentSpec,
  laneLabel,
  type RunDocument,
  type RunStatus,
  type RunSummary,
  type Twin,
} from '../../main/contract/index.ts'
import { host } from './hosts.ts'
import { laneReport, RATE_NOT_HELD } from './lane-report.ts'

/** A made-up run of any specification, in any state. */

export const NEWEST = Date.parse('2026-11-20T09:30:00.000Z')

const figure = (median: number, spread = 0) => ({ median, low: median - spread, high: median + spread, n: 3 })

const twin: Twin = {
  model: 'zswap lzo writeback watermark',
  kernel: 'kernel zswap lzo, model reclaim',
  compares: 'zswap',
  differences: [
    'the model stops at memory.pool, the kernel at a share of the RAM of the host: the same only while neither is full',
  ],
  rows: [
    {
      name: 'stored',
      title: 'Stored in the pool',
      unit: 'pages',
      model: figure(11_380),
      kernel: figure(11_456),
      deviation: -0.0066,
    },
    {
      name: 'ratio',
      title: 'Compression, pages ÷ pool',
      unit: 'ratio',
      model: figure(2.28),
      kernel: figure(2.29),
      deviation: -0.0044,
    },
    {
      name: 'fault_pool',
      title: 'Fault from the pool, p50',
      unit: 'ns',
      model: figure(5_100, 300),
      kernel: figure(8_900, 500),
      deviation: -0.427,
    },
    { name: 'fault_disk', title: 'Fault from disk, p50', unit: 'ns', model: null, kernel: null, deviation: null },
  ],
}

export function document(id: string, experiment: ExperimentSpec, status: RunStatus, at = NEWEST): RunDocument {
  const complete = status === 'done' || status === 'invalid'
  const trials = complete ? experiment.trials : status === 'queued' || status === 'running' ? 0 : 1
  const lanes = trials === 0 ? [] : experiment.lanes.map((_, index) => laneReport(experiment, index, trials, at))
  const fault = faultOf(status)
  return {
    run: {
      id,
      name: experiment.name,
      mode: experiment.mode,
      status,
      startedAt: new Date(at).toISOString(),
      endedAt: status === 'running' || status === 'queued' ? null : new Date(at + 41_000).toISOString(),
      durationMs: status === 'running' || status === 'queued' ? null : 41_000,
      experimentHash: 'f1x7u2e0',
      hostId: host.id,
      trialsDone: trials * experiment.lanes.length,
      trialsTotal: experiment.trials * experiment.lanes.length,
      tags: status === 'done' ? ['fixture', 'nvme'] : [],
      note: status === 'done' ? 'Made up: no disk was touched.' : '',
      headline:
        fault?.message ?? (complete ? 'Writeback is worth it here: faults at p99 are 41 % faster [36 %, 47 %].' : null),
      baseline: false,
      baselineId: null,
      collection: null,
      host,
      warnings: complete
        ? ['A hypervisor sits between this system and the disk.', 'Load average was 1.82 at the start.']
        : [],
      fault,
      swapDir: '/home/fixture/.local/share/swaplab',
      swapfile: {
        directory: '/home/fixture/.local/share/swaplab',
        bytes: 67_112_960,
        direct: true,
        io: 'psync',
        ioReason: 'io_uring is disabled (kernel.io_uring_disabled = 2)',
        syncVerb: 'fdatasync',
        cpu: 1,
        ...(experiment.swapfile.precondition > 0 && {
          precondition: {
            bytes: 268_435_456,
            passes: 4,
            perS: [41_000, 38_000, 36_500, 36_200, 36_300, 36_100],
            steady: true,
            reason: 'Steady after 4.00 passes: range 1.2 % (limit 20.0 %), trend 0.6 % (limit 10.0 %).',
          },
        }),
      },
      corpus: {
        source: 'capture of pid 4711 (node)',
        synthetic: false,
        pages: 4096,
        zeroPages: 0,
        skippedZeroPages: 812,
        sha256: '0'.repeat(64),
      },
      version: '0.1.0',
    },
    spec: experiment,
    trialOrder: Array.from({ length: trials }).flatMap(() => experiment.lanes.map(laneLabel)),
    lanes,
    twin: complete && experiment.lanes.some(({ lane }) => lane === 'kernel-zswap') ? [twin] : [],
    verdicts: complete
      ? [
          {
            question: 'Is writeback worth it here?',
            answer: status === 'invalid' ? 'unknown' : 'yes',
            sentence:
              status === 'invalid'
                ? 'The intervals overlap: collect more trials before deciding.'
                : 'Faults at p99 take 0.71 ms with writeback and 1.20 ms without: 41 % less [36 %, 47 %], 10 of 10 trials.',
          },
          {
            question: 'Is compressed swap worth it here?',
            answer: 'same',
            sentence:
              'The median fault differs by 0.4 % [−1.1 %, 1.9 %], below the 1 % that this lab calls a difference.',
          },
        ]
      : [],
    verified: { pages: trials * 41_000, mismatches: 0 },
    observer: trials === 0 ? null : { clockNs: 21, nullFaultNs: 148, nullStoreNs: 92, nullLoadNs: 54, nullIoNs: 270 },
  }
}

function faultOf(status: RunStatus): RunDocument['run']['fault'] {
  switch (status) {
    case 'failed':
      return {
        code: 'engine_died',
        message: 'The engine process was killed by SIGKILL in trial 4 of 9.',
        remedy: 'The finished trials are kept. See "dmesg" for an out-of-memory kill, then run again.',
      }
    case 'interrupted':
      return {
        code: 'engine_died',
        message: 'The lab itself ended during this run.',
        remedy: 'Run it again; finished trials are kept.',
      }
    case 'invalid':
      return {
        code: 'invalid',
        message: `No valid trial is left of "raw". ${RATE_NOT_HELD}`,
        remedy: 'Ask for a lower rate (workload.load.rate), or measure what the lane can do in a closed loop.',
        field: 'workload.load.rate',
      }
    case 'cancelled':
      return { code: 'cancelled', message: 'Cancelled after trial 3 of 9.' }
    default:
      return undefined
  }
}

export function summary({ run, spec: experiment }: RunDocument): RunSummary {
  const {
    host: _host,
    warnings: _warnings,
    fault: _fault,
    baselineId: _baselineId,
    collection: _collection,
    swapfile: _swapfile,
    corpus: _corpus,
    version: _version,
    ...rest
  } = run
  return { ...rest, lanes: experiment.lanes.map(laneLabel) }
}

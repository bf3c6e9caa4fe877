import type { HostReport, TrialReport } from '../main/contract/index.ts'
import { ExperimentSpec } from '../main/contract/index.ts'
import type { NewRun, NewTrial, Owner } from './rows.ts'

/** Rows for tests: complete, small, and each different where its number differs. */

export const AT = '2026-01-02T03:04:05.000Z'

export const someOwner: Owner = { pid: 4711, start: '1000', boot: 'boot-1' }

export function someHost(id = 'host-1'): HostReport {
  return {
    id,
    hostname: 'lab',
    cpu: { model: 'Some CPU', cores: 2, mhz: null, governor: null },
    memoryBytes: 2 ** 32,
    kernel: '6.1.0',
    os: 'Debian 12',
    hypervisor: null,
    node: 'v24.0.0',
    device: {
      path: '/tmp',
      device: null,
      model: null,
      firmware: null,
      scheduler: null,
      writeCache: null,
      rotational: null,
      logicalBlockBytes: null,
      physicalBlockBytes: null,
      queueDepth: null,
      fileSystem: 'ext4',
      mountPoint: '/',
      mountOptions: 'rw',
      freeBytes: 2 ** 34,
      totalBytes: 2 ** 35,
    },
    zswap: null,
    zram: [],
    swaps: [],
    pressure: {},
    loadAverage: 0.1,
    ioUring: { available: true, reason: null },
    clock: { source: 'tsc', overheadNs: 20 },
    codecs: [],
    readAt: AT,
  }
}

export const someExperiment = { hash: 'hash-1', spec: ExperimentSpec.parse({ name: 'first' }), createdAt: AT }

export function someRun(id: string, changes: Partial<NewRun> = {}): NewRun {
  return {
    id,
    experimentHash: someExperiment.hash,
    name: `run ${id}`,
    startedAt: AT,
    version: '0.0.0',
    swapDir: '/tmp',
    host: someHost(),
    warnings: [],
    trialsTotal: 15,
    owner: someOwner,
    ...changes,
  }
}

function someReport(order: number, changes: Partial<TrialReport> = {}): TrialReport {
  return {
    order,
    block: Math.floor(order / 3),
    status: 'done',
    startedAt: AT,
    durationMs: 1000,
    metrics: { 'accesses.per_s': 1000 + order, 'fault.ns.p50': 2500 },
    counters: { succ_stores: 10 + order },
    verified: { pages: 100, mismatches: 0 },
    ...changes,
  }
}

export function someTrial(lane: number, order: number, changes: Partial<TrialReport> = {}): NewTrial {
  return {
    lane,
    report: someReport(order, changes),
    histograms: { 'fault.ns': { bucket: [3, 700, 4351], count: [1, 2 ** 33, 5], sum: 1e12, min: 3, max: 2 ** 41 } },
    series: [
      {
        t: 100,
        warmup: false,
        accesses: 10,
        faultsPool: 1,
        faultsDisk: 2,
        faultsSwapcache: 3,
        faultsZero: 4,
        faultsZeromap: 0,
        faultsFile: 0,
        faultsCleancache: 0,
        faultsRemote: 0,
        poolFrames: 5,
        freeFrames: 6,
        inflight: 7,
        writtenBack: 8,
        bytesWritten: 4096,
        bytesRead: 8192,
      },
    ],
  }
}

import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createRouterClient } from '@orpc/server'
import { type ExperimentInput, ExperimentSpec, type HostReport } from '../../contract/index.ts'
import { createLab, forkEngine, type HostEyes, type OpenLabOptions } from '../index.ts'

/** A lab whose host and engine are made up, for tests; everything between them is real. */

export const FAKE_ENGINE = fileURLToPath(new URL('./fake-engine.ts', import.meta.url))

export const someHost: HostReport = {
  id: 'host-1',
  hostname: 'lab',
  cpu: { model: 'Some CPU', cores: 2, mhz: null, governor: 'performance' },
  memoryBytes: 2 ** 32,
  kernel: '6.1.0',
  os: 'Debian 12',
  hypervisor: null,
  node: 'v24.0.0',
  device: {
    path: '/data',
    device: '/dev/nvme0n1',
    model: 'Some SSD',
    firmware: '1',
    scheduler: 'none',
    writeCache: 'write back',
    rotational: false,
    logicalBlockBytes: 512,
    physicalBlockBytes: 4096,
    queueDepth: 1023,
    fileSystem: 'ext4',
    mountPoint: '/',
    mountOptions: 'rw',
    freeBytes: 2 ** 36,
    totalBytes: 2 ** 37,
  },
  zswap: null,
  zram: [],
  swaps: [],
  pressure: { cpu: 0, io: 0, memory: 0 },
  loadAverage: 0.1,
  ioUring: { available: true, reason: null },
  clock: { source: 'tsc', overheadNs: 20 },
  codecs: [],
  readAt: '2026-01-02T03:04:05.000Z',
}

export const fakeEyes: HostEyes = {
  report: async () => someHost,
  check: async () => ({
    level: 'amber',
    rows: [
      { name: 'Load', level: 'amber', reason: 'other programs run', evidence: 'load 1.20' },
      { name: 'zram', level: 'green', reason: 'not at work', evidence: 'none' },
    ],
  }),
  codecs: async () => [],
  checkSwapDirectory: () => {},
  captureSelf: async (file) => writeFileSync(file, 'pages', { mode: 0o600, flag: 'wx' }),
}

export async function fakeLab(dataDir: string, options: Partial<OpenLabOptions> = {}) {
  const lab = await createLab({
    dataDir,
    startEngine: () => forkEngine(FAKE_ENGINE),
    door: 'cli',
    version: '0.0.0',
    eyes: fakeEyes,
    ...options,
  })
  return { client: createRouterClient(lab.router), close: lab.close }
}

/** Three lanes; `name` chooses how the fake engine behaves. */
export function someSpec(name: string, changes: ExperimentInput = {}): ExperimentSpec {
  return ExperimentSpec.parse({ name, trials: 3, ...changes })
}

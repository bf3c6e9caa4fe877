import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { parseSpec } from '../../contract/index.ts'
import { modelsFor } from './models.ts'

const folder = mkdtempSync(join(tmpdir(), 'swaplab-models-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const host = (calibration?: string) =>
  parseSpec({ mode: 'simulate', simulate: { device: 'host', calibration, sizes: 'magenheimer' } })

it('a specification for this host names its calibration', () => {
  expect(() => host()).toThrow(expect.objectContaining({ field: 'simulate.calibration' }))
  expect(() => parseSpec({ simulate: { device: 'host' } })).not.toThrow() // measured: not asked for
})

it.each([
  ['missing', join(folder, 'nowhere.json'), 'not_found'],
  ['no JSON', file('text', 'hello'), 'bad_input'],
  ['something else', file('other.json', '{"clock": 1}'), 'bad_input'],
])('a calibration that is %s is refused by its field', (_what, path, code) => {
  expect(() => modelsFor(host(path), null)).toThrow(expect.objectContaining({ code, field: 'simulate.calibration' }))
})

it('a calibration gives the device its times and the codecs theirs, under the name of its host', () => {
  const row = (op: string, p50Ns: number) => ({
    op,
    io: 'psync',
    queueDepth: 1,
    sync: op === 'write+fdatasync' ? 'fdatasync' : 'none',
    blockBytes: 4096,
    p50Ns,
    p99Ns: 2 * p50Ns,
    perSecond: 1e9 / p50Ns,
  })
  const device = {
    ...{ path: '/', device: null, model: 'Fast SSD', firmware: null, scheduler: null, writeCache: null },
    ...{ rotational: null, logicalBlockBytes: null, physicalBlockBytes: null, queueDepth: null, fileSystem: 'ext4' },
    ...{ mountPoint: '/', mountOptions: '', freeBytes: 0, totalBytes: 0 },
  }
  const calibration = {
    clock: { overheadNs: 20 },
    codecs: [
      {
        ...{ codec: 'lz4', corpus: 'x', pages: 1, ratio: 2, rawCompressNs: 8600, rawDecompressNs: 3000 },
        ...{ storeNs: 9000, loadNs: 3200, storeOverRaw: 1.05, loadOverRaw: 1.07 },
      },
    ],
    disk: [row('read', 10_000), row('write', 4_000), row('write+fdatasync', 9_000)],
    skipped: [],
    host: {
      ...{ id: 'h', hostname: 'mine', cpu: { model: 'x', cores: 2, mhz: null, governor: null }, memoryBytes: 1 },
      ...{ kernel: '6', os: 'x', hypervisor: null, node: '24', device, zswap: null, zram: [], swaps: [], pressure: {} },
      ...{ loadAverage: 0, ioUring: { available: true, reason: null }, clock: { source: 'tsc', overheadNs: 20 } },
      ...{ codecs: [], readAt: '2026-01-01T00:00:00.000Z' },
    },
  }
  const models = modelsFor(host(file('host.json', JSON.stringify(calibration))), null)
  expect(models.device.label).toContain('host mine (Fast SSD)')
  expect([models.device.read[1], models.device.sync[1]]).toEqual([10_000, 5_000])
  const reference = modelsFor(parseSpec({ mode: 'simulate', simulate: { sizes: 'magenheimer' } }), null)
  expect(models.engine).toEqual({ storeNs: 400, loadNs: 200, label: 'as calibrated on mine' })
  expect(reference.engine.label).toBe('of the reference machine')
  // Twice the reference's medians, so twice its curve; a codec that was not calibrated keeps the reference's.
  expect(models.costs('lz4').compressNs[20] / reference.costs('lz4').compressNs[20]).toBeCloseTo(2, 3)
  expect(models.costs('zstd').compressNs).toEqual(reference.costs('zstd').compressNs)
})

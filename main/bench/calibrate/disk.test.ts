import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Calibration, FIO_FIGURES } from '../../contract/index.ts'
import { calibrateDisk } from './disk.ts'
import { fioVersion } from './fio.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(realpathSync(tmpdir()), 'swaplab-calibrate-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const small = () => ({ swapDir: directory, runId: 'test', slots: 512, turns: 2, turnMs: 5 })

/** Skips the test, with the reason, where the temporary directory takes no direct I/O. */
async function calibrate(context: { skip(note: string): void }, options: Partial<Parameters<typeof calibrateDisk>[0]>) {
  const result = await calibrateDisk({ ...small(), ...options })
  const refused = result.skipped.find((skip) => skip.what === 'disk')
  if (refused) context.skip(refused.reason)
  return result
}

describe('calibrateDisk', () => {
  it('measures every way to drive the disk, as the contract shapes it, and leaves nothing behind', async (context) => {
    const { disk, skipped } = await calibrate(context, { fio: 'never' })
    expect(Calibration.shape.disk.parse(disk)).toEqual(disk)
    const rows = disk.map((row) => `${row.io} ${row.op} ${row.sync} ${row.blockBytes >> 10}k ${row.queueDepth}`)
    const psync = [
      'psync read none 4k 1',
      'psync write none 4k 1',
      'psync write+fdatasync fdatasync 4k 1',
      'psync write dsync 4k 1',
      ...['128k', '1024k'].flatMap((size) => [
        `psync read none ${size} 1`,
        `psync write none ${size} 1`,
        `psync write+fdatasync fdatasync ${size} 1`,
      ]),
    ]
    const uring = [
      'uring read none 4k 1',
      'uring write none 4k 1',
      'uring read none 4k 32',
      'uring write+fdatasync fdatasync 4k 32',
    ]
    expect(rows).toEqual(skipped.some((skip) => skip.what === 'disk: io_uring') ? psync : [...psync, ...uring])
    for (const row of disk) {
      expect(row.p50Ns).toBeGreaterThan(0)
      expect(row.p99Ns).toBeGreaterThanOrEqual(row.p50Ns)
      expect(row.perSecond).toBeGreaterThan(0)
      expect(row.vsFio).toBeUndefined()
    }
    expect(skipped).toContainEqual({ what: 'disk: comparison with fio', reason: 'not asked for' })
    expect(readdirSync(directory)).toEqual([])
  })

  it('stands beside fio on the same file, and says why no more turns were taken (skipped without fio)', async (context) => {
    if ((await fioVersion()) === null) context.skip('fio is not in PATH')
    const { disk, skipped } = await calibrate(context, { fio: 'must', turns: 1, rounds: 1, turnMs: 30, limitMs: 0 })
    expect(skipped.filter((skip) => skip.what.startsWith('disk: fio'))).toEqual([])
    expect(Calibration.shape.disk.parse(disk)).toEqual(disk)
    for (const { vsFio } of disk) {
      for (const name of FIO_FIGURES) expect(vsFio?.[name]).toBeGreaterThan(0)
      expect(vsFio?.judged).toMatchObject({ turns: 1, looks: 1, verdict: 'unclear', ended: 'time' })
    }
  })

  it('ends when cancelled, and leaves nothing', async (context) => {
    const abort = new AbortController()
    setTimeout(() => abort.abort(), 50)
    await expect(calibrate(context, { signal: abort.signal, fio: 'never', turns: 1000 })).rejects.toMatchObject({
      code: 'cancelled',
    })
    expect(readdirSync(directory)).toEqual([])
  })

  it.skipIf(!existsSync('/dev/shm'))(
    'gives the reason instead of rows for memory (skipped without /dev/shm)',
    async () => {
      expect(await calibrateDisk({ ...small(), swapDir: '/dev/shm', runId: `test-${process.pid}` })).toEqual({
        disk: [],
        skipped: [{ what: 'disk', reason: expect.stringContaining('tmpfs') }],
      })
    },
  )
})

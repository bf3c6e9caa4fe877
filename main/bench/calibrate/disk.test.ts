import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Calibration, LabError } from '../../contract/index.ts'
import { calibrateDisk } from './disk.ts'
import { fioVersion } from './fio.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(realpathSync(tmpdir()), 'swaplab-calibrate-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const small = () => ({ swapDir: directory, runId: 'test', slots: 512, rounds: 2, maxOperations: 200 })

/** Skips the test, with the reason, where the temporary directory takes no direct I/O. */
async function calibrate(context: { skip(note: string): void }, options: Partial<Parameters<typeof calibrateDisk>[0]>) {
  try {
    return await calibrateDisk({ ...small(), ...options })
  } catch (error) {
    if (error instanceof LabError && error.code === 'no_direct_io') context.skip(error.message)
    throw error
  }
}

describe('calibrateDisk', () => {
  it('measures every way to drive the disk, as the contract shapes it, and leaves nothing behind', async (context) => {
    const { disk, skipped } = await calibrate(context, { withoutFio: true })
    expect(Calibration.shape.disk.parse(disk)).toEqual(disk)
    const rows = disk.map((row) => `${row.io} ${row.op} ${row.queueDepth}`)
    expect(rows.slice(0, 3)).toEqual(['psync read 1', 'psync write 1', 'psync write+fdatasync 1'])
    if (!skipped.some((skip) => skip.what === 'disk: io_uring'))
      expect(rows.slice(3)).toEqual(['uring read 1', 'uring write 1', 'uring read 32', 'uring write+fdatasync 32'])
    for (const row of disk) {
      expect(row.p50Ns).toBeGreaterThan(0)
      expect(row.p99Ns).toBeGreaterThanOrEqual(row.p50Ns)
      expect(row.perSecond).toBeGreaterThan(0)
      expect(row.vsFio).toBeUndefined()
    }
    expect(skipped).toContainEqual({ what: 'disk: comparison with fio', reason: 'not asked for' })
    expect(readdirSync(directory)).toEqual([])
  })

  it('stands beside fio on the same file, whose header fio leaves alone (skipped without fio)', async (context) => {
    if ((await fioVersion()) === null) context.skip('fio is not in PATH')
    const { disk, skipped } = await calibrate(context, {})
    const read = disk.find((row) => row.io === 'psync' && row.op === 'read')
    expect(skipped.filter((skip) => skip.what.includes('psync'))).toEqual([])
    for (const ratio of [read?.vsFio?.p50, read?.vsFio?.p99, read?.vsFio?.perSecond]) expect(ratio).toBeGreaterThan(0)
  })

  it('ends when cancelled, and leaves nothing', async () => {
    const signal = AbortSignal.abort()
    await expect(calibrateDisk({ ...small(), signal })).rejects.toMatchObject({
      code: expect.stringMatching(/cancelled|no_direct_io/),
    })
    expect(readdirSync(directory)).toEqual([])
  })
})

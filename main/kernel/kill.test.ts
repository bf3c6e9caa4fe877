import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { KERNEL_LANES } from '../contract/index.ts'
import { detect } from './detect.ts'
import { KernelTree, restoreKernel, wayToPrivileges } from './index.ts'
import { JOURNAL_NAME } from './journal.ts'
import { journalState } from './restore.ts'
import { holdKernel } from './testing/one-kernel.ts'
import { stateOfHost } from './testing/state-of-host.ts'

/**
 * The real kernel of this machine, set up and killed at random moments. Only where every kernel lane can run and we are root: the
 * reason is in the test's name otherwise.
 */

const tree = new KernelTree()
const way = wayToPrivileges()
const reason =
  way.way !== 'root'
    ? 'needs root'
    : (KERNEL_LANES.map((lane) => detect(lane, tree, way).reason).find((found) => found !== null) ?? null)

const LANES = [
  { lane: 'kernel-zswap', compressor: 'lzo', poolPercent: 10, acceptPercent: 80, shrinker: true },
  { lane: 'kernel-swap' },
  { lane: 'kernel-zram', algorithm: 'lzo', swap: true },
]
const KILLS = 20
/** Of one of them, ms: it takes one to two seconds where nothing else computes. */
const KILL_LIMIT_MS = 60_000

/** Starts a lane and kills one of its processes after a while, ms. @returns whether the kernel was changed at that moment */
async function killAt(
  folder: string,
  victim: 'lab' | 'helper' | 'measuring',
  ms: number,
  settings: object,
): Promise<boolean> {
  const child: ChildProcess = spawn(
    process.execPath,
    [resolve(import.meta.dirname, 'testing/one-lane.ts'), folder, JSON.stringify(settings)],
    { stdio: ['pipe', 'pipe', 'ignore'] },
  )
  const pids = { lab: child.pid ?? 0, helper: 0, measuring: 0 }
  const over = new Promise<void>((go) => child.once('close', () => go()))
  child.stdout?.on('data', (chunk: Buffer) => {
    for (const [, who, pid] of chunk.toString().matchAll(/^(helper|measuring) (\d+)$/gm))
      pids[who === 'helper' ? 'helper' : 'measuring'] = Number(pid)
  })
  while (pids.helper === 0 || pids.measuring === 0) await pause(1)
  // From the first change on, of which there are about ten in the first 30 ms; every fourth kill may come before.
  while (ms % 4 !== 0 && !existsSync(join(folder, JOURNAL_NAME))) await pause(1)
  await pause(ms)
  const changed = existsSync(join(folder, JOURNAL_NAME))
  try {
    process.kill(pids[victim], 'SIGKILL')
  } catch {} // it had just ended
  child.stdin?.end()
  await over
  // The helper lives on for as long as it takes to restore; what it cannot, the next start does.
  while (journalState(folder) === 'in use') await pause(10)
  return changed
}

describe(`kernel lanes that are killed${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const held = holdKernel(reason)

  let before: ReturnType<typeof stateOfHost>
  let hits = 0
  beforeAll(() => {
    before = stateOfHost(tree)
  })

  // Each has a limit of its own: how long all of them take says how busy this machine is.
  it.skipIf(reason !== null).each(Array.from({ length: KILLS }, (_, kill) => kill))(
    'leave the host as it was after a restore, at whatever moment it hits whichever process: kill %i',
    async (kill) => {
      const { folder } = held
      const victim = (['helper', 'measuring', 'lab'] as const)[kill % 3]
      const settings = LANES[Math.floor(kill / 3) % LANES.length]
      const ms = Math.floor(Math.random() * (kill % 2 === 0 ? 40 : 400))
      if (await killAt(folder, victim, ms, settings)) hits++
      const { left } = await restoreKernel({ folder, consent: false })
      expect({ victim, ms, settings, left, ...stateOfHost(tree) }).toEqual({
        ...{ victim, ms, settings, left: [] },
        ...before,
      })
      expect(readdirSync(folder)).toEqual([])
    },
    KILL_LIMIT_MS,
  )

  it.skipIf(reason !== null)('are hit while the kernel is changed, by half of the kills or more', () =>
    expect(hits).toBeGreaterThanOrEqual(KILLS / 2),
  )
})

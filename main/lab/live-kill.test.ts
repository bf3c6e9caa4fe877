import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { native } from '../../native-bench/index.ts'
import { type EngineProcess, forkEngine } from './runs/engine-process.ts'
import { fakeLab, someSpec } from './testing/fake-lab.ts'

const reason = native.liveProbe().handler
const dirs: string[] = []
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true })
})

/** Milliseconds after the trial has been seen to run: drawn anew each time, the moment is nobody's choice. */
const MOMENTS = Array.from({ length: 3 }, () => Math.floor(Math.random() * 300))

it.skipIf(reason !== null)(
  `a run whose engine is killed after ${MOMENTS.join(', ')} ms, while threads touch live memory, is failed, and nothing else${reason ? ` (skipped: ${reason})` : ''}`,
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'swaplab-live-kill-'))
    dirs.push(dir)
    let engine: EngineProcess | undefined
    const lab = await fakeLab(dir, {
      startEngine: () => {
        engine = forkEngine()
        return engine
      },
    })
    const spec = someSpec('live', {
      memory: { frames: 1024, pool: 400 },
      workload: { content: { source: 'synthetic', pages: 64 }, pages: 4096, operations: 200_000 },
      lanes: [{ lane: 'live', mode: 'handler', threads: 2, writeback: 'on' }],
    })
    for (const moment of MOMENTS) {
      const { id } = await lab.client.runs.start({ spec })
      for await (const { phase } of await lab.client.runs.watch({ id })) {
        if (phase !== 'populate' && phase !== 'warmup' && phase !== 'measure') continue
        await new Promise((go) => setTimeout(go, moment))
        engine?.kill('SIGKILL')
      }
      const { run } = await lab.client.runs.get({ id })
      expect(run).toMatchObject({ status: 'failed', fault: { code: 'engine_died' } })
      expect(run.fault?.message).toContain('SIGKILL')
    }
    await lab.close()
  },
  30_000,
)

import { fork } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type ExperimentInput, PAGE_SIZE, parseSpec } from '../contract/index.ts'
import type { FromEngine } from './protocol.ts'

const ENTRY = new URL('./process.ts', import.meta.url)
const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** The engine in a process of its own, until it ends. */
async function engine(
  input: ExperimentInput,
  onMessage: (message: FromEngine, child: ReturnType<typeof fork>) => void = () => {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'swaplab-engine-'))
  folders.push(folder)
  const child = fork(ENTRY, { serialization: 'advanced' })
  const messages: FromEngine[] = []
  child.on('message', (message: FromEngine) => {
    messages.push(message)
    if (message.kind === 'ready')
      child.send({ kind: 'run', runId: 'test', spec: parseSpec(input), swapDir: folder, selfCorpus: null })
    onMessage(message, child)
  })
  const code = await new Promise<number | null>((resolve) => child.on('exit', resolve))
  return { messages, code, left: () => readdirSync(folder) }
}

/** The CPUs that the main thread of a process may use. */
const chosen = (pid: number | undefined) =>
  /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]

const FULL = {
  memory: { frames: 4096, pool: 1792 },
  workload: { content: { source: 'synthetic' }, pages: 12_288, operations: 4000 },
  trials: 1,
} satisfies ExperimentInput

describe('the engine process', () => {
  it('says ready, prepared, each trial and the end, and ends by itself', async () => {
    const { messages, code, left } = await engine(FULL)
    const kinds = messages.map(({ kind }) => kind).filter((kind) => kind !== 'progress')
    expect(kinds).toEqual(['ready', 'prepared', 'trial', 'trial', 'trial', 'end'])
    expect(messages.at(-1)).toEqual({ kind: 'end', status: 'done' })
    expect(code).toBe(0)
    expect(left()).toEqual([])
  })

  it('runs on the CPU it is asked to, and says which', async () => {
    const { messages } = await engine({ ...FULL, cpu: 0, lanes: [{ lane: 'raw' }] }, (message, child) => {
      if (message.kind === 'prepared') expect(chosen(child.pid)).toBe('0')
    })
    expect(messages.find(({ kind }) => kind === 'prepared')).toMatchObject({ swapfile: { cpu: 0 } })
    expect(messages.at(-1)).toEqual({ kind: 'end', status: 'done' })
  })

  it('refuses a CPU that the host has not, before anything is made', async () => {
    const { messages, left } = await engine({ ...FULL, cpu: 1023 })
    expect(messages.at(-1)).toMatchObject({ kind: 'end', status: 'failed', fault: { code: 'bad_input', field: 'cpu' } })
    expect(left()).toEqual([])
  })

  it('needs at most 200 MiB beside the RAM of the experiment', async () => {
    const { messages } = await engine(FULL)
    const peaks = messages.flatMap((message) =>
      message.kind === 'trial' ? [message.report.metrics['rss.peak_bytes']] : [],
    )
    expect(peaks.length).toBe(3)
    expect(Math.max(...peaks)).toBeLessThanOrEqual(FULL.memory.frames * PAGE_SIZE + 200 * 2 ** 20)
  })

  it('ends when the lab is gone, and leaves no swap file', async () => {
    const { code, left } = await engine({ ...FULL, trials: 50 }, (message, child) => {
      if (message.kind === 'trial') child.disconnect()
    })
    expect(code).toBe(0)
    expect(left()).toEqual([])
  })
})

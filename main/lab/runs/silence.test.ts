import { type ChildProcess, spawn } from 'node:child_process'
import { afterEach, expect, it } from 'vitest'
import { parseSpec } from '../../contract/index.ts'
import type { EngineProcess } from './engine-process.ts'
import { Silence } from './silence.ts'

let child: ChildProcess | undefined
afterEach(() => child?.kill('SIGKILL'))

/** A process at this, with these last words, and what is said of its silence. */
async function silenceOf(program: string, policy: string, words = '', signal?: NodeJS.Signals) {
  child = spawn(process.execPath, ['-e', program], { stdio: 'ignore' })
  const engine: EngineProcess = {
    pid: child.pid,
    send() {},
    onMessage() {},
    onExit() {},
    kill() {},
    stderr: () => words,
  }
  const spec = parseSpec({ lanes: [{ lane: 'zcache', writeback: 'on', policy }] })
  // It has to be at it first.
  await new Promise((go) => setTimeout(go, 1000))
  if (signal) child.kill(signal)
  return new Promise<{ word: string; message: string; remedy: string | undefined }>((resolve) => {
    let said = ''
    const silence = new Silence(
      engine,
      spec,
      {
        word: (sentence) => {
          said = sentence
        },
        limit: ({ message, remedy }) => resolve({ word: said, message, remedy }),
      },
      { word: 300, limit: 600 },
    )
    silence.broken()
  })
}

it('of an engine that computes names the policy files, and the hook its own words name', async () => {
  const { word, message, remedy } = await silenceOf(
    'for (;;);',
    '/p/mine.ts',
    'Policy /p/mine.ts: onFull has not returned.\n',
  )
  expect(word).toMatch(
    /^no word from the engine for 0\.3 s: it was computing \(\d+\.\d s of CPU time in the last \d+ s\), and a hook of \/p\/mine\.ts may not be returning\. Policy/,
  )
  expect(message).toMatch(/trials before are kept\. At the end it was computing .*onFull has not returned\.$/)
  expect(remedy).toContain('loop')
})

it('of an engine that waits points to the disk, whatever its policy; and blames none where there is none', async () => {
  const waiting = await silenceOf('setInterval(() => {}, 1e6)', '/p/mine.ts')
  expect(waiting.message).toContain('At the end it was waiting, as for a disk that does not answer.')
  expect(waiting.remedy).toContain('dmesg')
  child?.kill('SIGKILL')
  expect((await silenceOf('for (;;);', 'lru-zpage')).message).not.toContain('hook')
})

it('of an engine that was stopped says so, not that it waits for its disk', async () => {
  const { message } = await silenceOf('setInterval(() => {}, 1e6)', 'lru-zpage', '', 'SIGSTOP')
  expect(message).toContain('At the end it was stopped, as by SIGSTOP or a debugger.')
})

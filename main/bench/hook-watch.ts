import { Worker } from 'node:worker_threads'
import { type HookCall, hookCall } from '../zcache/index.ts'

/** A hook of a user's policy that does not return holds up the whole engine, which can then tell nobody: another thread does, on stderr. */

/** A call that is under way at two looks has not returned for this long, ms. */
const LOOK_EVERY_MS = 5_000

/** What the thread runs. A text, so that the bundled engine needs no second file. */
const WATCH = `
const { writeSync } = require('node:fs')
const { workerData: { words, names, everyMs } } = require('node:worker_threads')
let seen = 0
let told = 0
setInterval(() => {
  const [place, number] = words
  if (place > 0 && number === seen && number !== told) {
    told = number
    writeSync(2, names[place - 1] + ' has not returned for at least ' + everyMs / 1000 + ' s.\\n')
  }
  seen = number
}, everyMs)`

/** To be called once policies are loaded; does nothing where none is a user's own, and does not keep the process from ending. */
export function watchHooks(call: HookCall = hookCall, everyMs = LOOK_EVERY_MS): void {
  const names = call.names()
  if (names.length === 0) return
  new Worker(WATCH, { eval: true, execArgv: [], workerData: { words: call.words, names, everyMs } }).unref()
}

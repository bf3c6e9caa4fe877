import { Worker } from 'node:worker_threads'

/**
 * A user's policy can hold up the engine for ever, while it is loaded or in a hook. Then the engine does not hear that its lab is gone (Ctrl-C while
 * the file is looked at, a kill), and nobody is left to end it: another thread does.
 */

const LOOK_EVERY_MS = 1_000
/** Looks without a beat of the event loop after which it is held up: longer than a disk keeps one waiting, for then the engine ends by itself. */
const MOST_SILENT = 30

/** What the thread runs. A text, so that the bundled engine needs no second file. */
const WATCH = `
const { workerData: { beats, lab, everyMs, most } } = require('node:worker_threads')
let seen = -1
let silent = 0
setInterval(() => {
  const beat = Atomics.load(beats, 0)
  silent = beat === seen && process.ppid !== lab ? silent + 1 : 0
  seen = beat
  if (silent >= most) process.kill(process.pid, 'SIGKILL')
}, everyMs)`

/** To be called before policies of users are loaded; does not keep the process from ending. */
export function watchLab(everyMs = LOOK_EVERY_MS): void {
  const beats = new Int32Array(new SharedArrayBuffer(4))
  setInterval(() => Atomics.add(beats, 0, 1), everyMs / 2).unref()
  const workerData = { beats, lab: process.ppid, everyMs, most: MOST_SILENT }
  new Worker(WATCH, { eval: true, execArgv: [], workerData }).unref()
}

import { writeFileSync } from 'node:fs'
import { ownUsage, restartPeakRss } from '../../../native-bench/host.ts'
import { Arena, native, PAGE_SIZE, VMSTAT_COUNTERS } from '../../../native-bench/index.ts'
import { BlockPages } from './block-pages.ts'
import type { FromMeasure, MeasureAnswers, ToMeasure } from './protocol.ts'

/**
 * The measuring process of a kernel lane: holds the memory that is swapped, and touches it. It needs no privileges. It is put under
 * the memory limit after it has opened, so that only what it touches from then on counts.
 */

let memory = -1
let zeros = -1
let zeroPages = 0
let corpusPages: Uint32Array = new Uint32Array()
let block: BlockPages | null = null

function vmstat(): Float64Array {
  const counters = new Float64Array(VMSTAT_COUNTERS.length)
  native.memoryVmstat(memory, counters)
  return counters
}

function answer<K extends ToMeasure['kind']>(message: Extract<ToMeasure, { kind: K }>): MeasureAnswers[K]
function answer(message: ToMeasure): MeasureAnswers[keyof MeasureAnswers] {
  switch (message.kind) {
    case 'open': {
      const arena = new Arena(message.corpus.length / PAGE_SIZE)
      arena.bytes.set(message.corpus)
      corpusPages = message.corpusPages
      memory = native.memoryOpen(corpusPages.length)
      native.memoryContents(memory, arena.id, corpusPages)
      zeroPages = message.zeroPages
      zeros = native.memoryOpen(zeroPages)
      return { pid: process.pid }
    }
    case 'replay': {
      const { accesses, classify, starts = new Float64Array() } = message
      const latencies = new Float64Array(accesses.length)
      const kinds = new Uint8Array(accesses.length)
      const result = native.memoryReplay(memory, accesses, latencies, kinds, classify, starts)
      const { elapsedNs, verified, mismatch } = result
      return { latencies, kinds, starts, elapsedNs, verified, mismatch, vmstat: vmstat() }
    }
    case 'store':
      return {
        latencies: Float64Array.from(message.vpns, (vpn) => {
          native.memoryTouch(memory, vpn, true)
          return native.memoryPageout(memory, vpn, 1)
        }),
      }
    case 'load': {
      let mismatch = -1
      const latencies = Float64Array.from(message.vpns, (vpn) => {
        const ns = native.memoryTouch(memory, vpn, false)
        if (!native.memoryVerify(memory, vpn)) mismatch = vpn
        return ns
      })
      return { latencies, mismatch }
    }
    case 'path': {
      const order = Array.from({ length: zeroPages }, (_, page) => page)
      const stores = Float64Array.from(order, (page) => {
        native.memoryTouch(zeros, page, true)
        return native.memoryPageout(zeros, page, 1)
      })
      return { stores, loads: Float64Array.from(order, (page) => native.memoryTouch(zeros, page, false)) }
    }
    case 'nudge':
      return nudge(message)
    case 'verify': {
      let mismatch = -1
      for (let vpn = message.from; vpn < message.from + message.pages && mismatch < 0; vpn++)
        if (!native.memoryVerify(memory, vpn)) mismatch = vpn
      return { verified: message.pages, mismatch }
    }
    case 'block-open':
      block = new BlockPages(message)
      // The system's counters are read through it.
      memory = native.memoryOpen(1)
      return { pid: process.pid }
    case 'block': {
      if (!block) throw new Error('no block device is open')
      return message.op === 'write' ? block.write(message.pages) : block.read(message.pages)
    }
    case 'usage':
      return { peakRestarted: message.restartPeak === true && restartPeakRss(), ...ownUsage(), vmstat: vmstat() }
    case 'pin':
      native.pinCpu(message.cpu)
      return null
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4))
const ZSWPWB = VMSTAT_COUNTERS.indexOf('zswpwb')

function nudge(message: Extract<ToMeasure, { kind: 'nudge' }>): MeasureAnswers['nudge'] {
  const { from, pages, pauseUs, writtenBack, limitMs } = message
  const before = vmstat()[ZSWPWB]
  const start = native.now()
  const progress: number[] = []
  let seen = 0
  let nudges = 0
  for (; seen < writtenBack; nudges++) {
    const page = from + (nudges % pages)
    native.memoryTouch(memory, page, true)
    native.memoryPageout(memory, page, 1)
    if (pauseUs > 0) Atomics.wait(pause, 0, 0, pauseUs / 1000)
    else if (nudges % 64 !== 0) continue
    const now = native.now() - start
    const count = vmstat()[ZSWPWB] - before
    if (count > seen || nudges === 0) progress.push(now, count)
    seen = count
    if (now > limitMs * 1e6) break
  }
  return { nudges, progress: Float64Array.from(progress) }
}

if (!process.send) {
  process.stderr.write('This is the measuring process of a kernel lane; the engine starts it.\n')
  process.exit(2)
}
try {
  // Should memory run out, this is the process to end, and not somebody's editor.
  writeFileSync('/proc/self/oom_score_adj', '1000')
} catch {}
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit(0))
process.on('message', (message: ToMeasure) => {
  let word: FromMeasure
  try {
    word = { ok: true, answer: answer(message) }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
    word = { ok: false, message: error instanceof Error ? error.message : String(error), code }
  }
  process.send?.(word)
})

import { native } from '../../../native-bench/index.ts'
import { LabError, type LiveLane } from '../../contract/index.ts'
import { FAULT_PATHS, type Mm } from '../../mm/index.ts'
import type { HistogramData } from '../measure/histogram.ts'
import type { Meters } from '../measure/meters.ts'
import { WRITE } from '../workloads/index.ts'
import type { LiveWorkload } from '../world.ts'
import { LiveMemory, type LiveParts } from './live-memory.ts'
import { nullFaults } from './null-fault.ts'

/** Accesses handed to threads together: their start and their end cost a wake-up of each. */
const THREAD_BATCH = 2048
/** Accesses that the engine's own thread makes between two looks at the clock. */
const OWN_BATCH = 64
/** Longest wait for a missing page, ms: while something is under way or to be done, and else. */
const SHORT_WAIT_MS = 1
const LONG_WAIT_MS = 1000
/** Turns of the handler between two looks at the time for the backend. */
const TICK_EVERY = 16
/** Doubles in a row of native.liveFaults: kind, ns. */
const FAULT_ROW = 2

/** @throws a system failure where userfaultfd is refused */
export function openLive(lane: LiveLane, parts: Omit<LiveParts, 'threads'>, meters: Meters): Touches {
  const threads = lane.mode === 'sigbus' ? 0 : lane.threads
  const memory = new LiveMemory({ ...parts, threads })
  return threads === 0 ? new OwnTouches(memory, meters, parts) : new ThreadTouches(memory, meters, parts)
}

abstract class Touches implements LiveWorkload {
  abstract readonly batch: number
  readonly memory: LiveMemory
  protected readonly meters: Meters
  private readonly parts: Omit<LiveParts, 'threads'>

  constructor(memory: LiveMemory, meters: Meters, parts: Omit<LiveParts, 'threads'>) {
    this.memory = memory
    this.meters = meters
    this.parts = parts
  }

  abstract carryOut(mm: Mm, accesses: Uint32Array, count: number): number

  /** mm looks at the completions every few accesses; here it hears of faults only, beside which a look costs nothing. */
  protected background(mm: Mm): void {
    if (mm.io.inflight > 0) mm.io.poll()
    mm.step()
  }

  nullFaults(): HistogramData {
    return nullFaults(this.memory.threads, this.parts)
  }

  close(): void {
    this.memory.close()
  }
}

/** The engine's thread touches the pages itself: a missing one is a signal, which ends the touch, and after the answer it touches again. */
class OwnTouches extends Touches {
  readonly batch = OWN_BATCH

  carryOut(mm: Mm, accesses: Uint32Array, count: number): number {
    const { memory, meters } = this
    for (let at = 0; ; at++) {
      at = native.liveRun(memory.handle, accesses, at, count)
      if (at === count) break
      const path = memory.answer(mm, accesses[at] >> 2, (accesses[at] & 3) === WRITE)
      meters.mm.faults[path].record(memory.resume())
      this.background(mm)
    }
    this.background(mm)
    return memory.takeChecks()
  }
}

/** Threads of their own touch; the engine's is the handler of their faults. Whatever ends it, they are called out. */
class ThreadTouches extends Touches {
  readonly batch = THREAD_BATCH
  private readonly events = new Uint32Array(16)
  private readonly rows = new Float64Array(FAULT_ROW * THREAD_BATCH)

  carryOut(mm: Mm, accesses: Uint32Array, count: number): number {
    const { memory, meters, rows } = this
    const start = native.now()
    try {
      native.liveStart(memory.handle, accesses, count)
      this.handle(mm)
    } catch (error) {
      native.liveCallOut(memory.handle)
      throw error
    }
    const end = native.now()
    const batch = native.liveFaults(memory.handle, rows)
    if (batch.calledOut)
      throw new LabError({ code: 'internal', message: 'The touching threads ended before their accesses.' })
    memory.checked(batch.verified, batch.mismatch)
    for (let row = 0; row < batch.count; row++) {
      const path = rows[FAULT_ROW * row]
      if (path >= FAULT_PATHS.length) throw new Error(`a fault was answered by the unknown path ${path}`)
      meters.mm.faults[path].record(rows[FAULT_ROW * row + 1])
    }
    return Math.max(0, end - start - batch.elapsedNs)
  }

  private handle(mm: Mm): void {
    const { memory, events } = this
    for (let turn = 1; ; turn++) {
      const wait = mm.reclaimDue ? 0 : mm.io.inflight > 0 ? SHORT_WAIT_MS : LONG_WAIT_MS
      const count = native.liveWait(memory.handle, events, wait)
      if (count < 0) return
      for (let n = 0; n < count; n++) {
        const vpn = events[n] >>> 1
        // Told twice: a thread that was called away from its wait has asked again.
        if (!native.liveMapped(memory.handle, vpn)) memory.answer(mm, vpn, (events[n] & 1) === 1)
      }
      this.background(mm)
      if (turn % TICK_EVERY === 0) mm.tick(native.now())
    }
  }
}

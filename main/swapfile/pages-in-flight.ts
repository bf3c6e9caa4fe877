import { breach, type WriteDone } from './swap-io.ts'

/** Most pages in flight; a write beyond is a fault of the caller. A power of two, as circles of them want. */
export const MAX_INFLIGHT = 16_384

/**
 * The pages a swap area has taken and whose WriteDone has not been called. One row per *token*, from a free list:
 *
 * slot   Int32
 * frame  Int32
 * ok     Uint8  1 until its write or sync fails
 * done          what to call
 *
 * and one byte per slot: busy, as SwapIo means it. Tokens whose write has ended wait in a circle to be delivered, first come first served. Nothing
 * is allocated after construction.
 */
export class PagesInFlight {
  readonly slot = new Int32Array(MAX_INFLIGHT)
  readonly frame = new Int32Array(MAX_INFLIGHT)
  readonly ok = new Uint8Array(MAX_INFLIGHT)
  /** All that have begun and were not delivered. */
  count = 0
  /** Of them those that have ended. */
  ended = 0

  private readonly done: (WriteDone | null)[] = new Array<WriteDone | null>(MAX_INFLIGHT).fill(null)
  private readonly spare = new Int32Array(MAX_INFLIGHT)
  private readonly busy: Uint8Array
  private readonly ready = new Int32Array(MAX_INFLIGHT)
  private readyHead = 0
  private delivering = false

  constructor(slots: number) {
    this.busy = new Uint8Array(slots)
    for (let i = 0; i < MAX_INFLIGHT; i++) this.spare[i] = MAX_INFLIGHT - 1 - i
  }

  isBusy(slot: number): boolean {
    return this.busy[slot] === 1
  }

  /** @throws LabError `invariant` where one of so many slots is busy */
  refuseReading(slot: number, count: number): void {
    for (let i = slot; i < slot + count; i++) if (this.busy[i]) breach(`slot ${i} is read while its write is under way`)
  }

  /** Returns its token. @throws LabError `invariant` where the slot is none, or busy, or too many are under way */
  begin(slot: number, frame: number, done: WriteDone): number {
    if (!(slot >= 0 && slot < this.busy.length)) breach(`a write of slot ${slot} of ${this.busy.length}`)
    if (this.busy[slot]) breach(`slot ${slot} is written while its write is under way`)
    if (this.count === MAX_INFLIGHT) breach(`more than ${MAX_INFLIGHT} pages are in flight`)
    this.busy[slot] = 1
    const token = this.spare[MAX_INFLIGHT - 1 - this.count++]
    this.slot[token] = slot
    this.frame[token] = frame
    this.ok[token] = 1
    this.done[token] = done
    return token
  }

  /** Its write has ended: the next delivery is told. */
  end(token: number): void {
    this.ready[(this.readyHead + this.ended++) % MAX_INFLIGHT] = token
  }

  /** Delivers what has ended; what a WriteDone adds waits for the next call. Returns pages. @throws LabError `invariant` inside a WriteDone */
  deliver(): number {
    if (this.delivering) breach('poll, wait or drain was called from a WriteDone')
    this.delivering = true
    const pages = this.ended
    try {
      for (let i = 0; i < pages; i++) {
        const token = this.ready[this.readyHead]
        this.readyHead = (this.readyHead + 1) % MAX_INFLIGHT
        this.ended--
        this.finish(token)
      }
    } finally {
      this.delivering = false
    }
    return pages
  }

  /** Calls its WriteDone, when the slot is free to be written again. */
  private finish(token: number): void {
    const slot = this.slot[token]
    const done = this.done[token]
    this.done[token] = null
    this.busy[slot] = 0
    this.spare[MAX_INFLIGHT - this.count--] = token
    done?.(slot, this.frame[token], this.ok[token] === 1)
  }
}

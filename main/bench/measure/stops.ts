/**
 * How long this process was stopped: by SIGSTOP, a debugger, a job control of its own. Nothing tells of a stop but the SIGCONT that ends it, and that is
 * heard in the next turn of the event loop, so the time since the turn before counts as stopped: at most a slice of the loop too much.
 */
export class Stops {
  private readonly now: () => number
  private lastTurn: number
  private stoppedNs = 0
  private readonly continued = () => {
    const now = this.now()
    this.stoppedNs += now - this.lastTurn
    this.lastTurn = now
  }

  /** @param now ns of a clock that a stop does not stop */
  constructor(now: () => number) {
    this.now = now
    this.lastTurn = now()
    process.on('SIGCONT', this.continued)
  }

  /** So far, ns. */
  get ns(): number {
    return this.stoppedNs
  }

  /** The event loop has had a turn. */
  turn(now: number): void {
    this.lastTurn = now
  }

  close(): void {
    process.off('SIGCONT', this.continued)
  }
}

/**
 * How long this process was stopped: by SIGSTOP, or by job control of its own. Nothing tells of a stop but the SIGCONT that ends it, which may also come without
 * one, and is heard in the next turn of the event loop. So what has passed since the turn before counts as stopped, less the CPU time of this thread meanwhile:
 * too much by what was waited for the disk in a slice of the loop.
 */
export class Stops {
  private readonly now: () => number
  private readonly cpuNs: () => number
  private lastTurn: number
  private lastCpu: number
  private stoppedNs = 0
  private readonly continued = () => {
    const now = this.now()
    const cpu = this.cpuNs()
    this.stoppedNs += Math.max(0, now - this.lastTurn - (cpu - this.lastCpu))
    this.lastTurn = now
    this.lastCpu = cpu
  }

  /**
   * @param now ns of a clock that a stop does not stop
   * @param cpuNs CPU time of this thread so far, ns
   */
  constructor(now: () => number, cpuNs = usedNs) {
    this.now = now
    this.cpuNs = cpuNs
    this.lastTurn = now()
    this.lastCpu = cpuNs()
    process.on('SIGCONT', this.continued)
  }

  /** So far, ns. */
  get ns(): number {
    return this.stoppedNs
  }

  /** The event loop has had a turn. */
  turn(now: number): void {
    this.lastTurn = now
    this.lastCpu = this.cpuNs()
  }

  close(): void {
    process.off('SIGCONT', this.continued)
  }
}

function usedNs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) * 1000
}

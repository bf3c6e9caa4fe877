/** How often a quiet lab is asked for a sign of life, and looked at, ms. */
const BEAT_MS = 5_000
const TICK_MS = 1_000
/** Ticks without an answer until it counts as silent. Ticks and not time: a page that slept itself has nothing to blame the lab for. */
const PATIENCE_TICKS = 5

export interface Heartbeat {
  /** Anything has come from the lab. */
  heard(): void
  stop(): void
}

/**
 * Looks after one carrier: a lab that is stopped, or a network that is gone, closes nothing.
 * @param ask sends a question; its answer is a sign of life like any other message
 * @param silent called each second of a silence, with its length in ms; null when it has ended
 */
export function startHeartbeat(ask: () => void, silent: (ms: number | null) => void): Heartbeat {
  let asked: number | null = null
  let ticks = 0
  let told = false
  const timer = setInterval(() => {
    ticks += 1
    if (asked === null) {
      if (ticks * TICK_MS < BEAT_MS) return
      ticks = 0
      asked = performance.now()
      ask()
    } else if (ticks >= PATIENCE_TICKS) {
      told = true
      silent(performance.now() - asked)
    }
  }, TICK_MS)
  return {
    heard() {
      asked = null
      ticks = 0
      if (told) silent(null)
      told = false
    },
    stop: () => clearInterval(timer),
  }
}

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 256 bits: guessing is not a threat, so attempts need no counting. */
const SECRET_BYTES = 32

const digest = (secret: string) => createHash('sha256').update(secret).digest()
const newSecret = () => randomBytes(SECRET_BYTES).toString('base64url')

export interface Clock {
  /** ms, any origin, never going back. */
  now(): number
}

interface IssuedToken {
  digest: Buffer
  /** Time of the clock, ms. */
  expires: number
  used: boolean
}

/**
 * One-time tokens: each opens the door once, within its time. Only digests are kept.
 * `stale` is a genuine token that was used or ran out, which is worth telling apart from a stranger's guess.
 */
export class OneTimeTokens {
  readonly #clock: Clock
  readonly #lifetimeMs: number
  readonly #limit: number
  readonly #issued: IssuedToken[] = []

  /** @param limit most tokens remembered; the oldest is forgotten first. */
  constructor(clock: Clock, lifetimeMs: number, limit = 64) {
    this.#clock = clock
    this.#lifetimeMs = lifetimeMs
    this.#limit = limit
  }

  issue(): string {
    const token = newSecret()
    this.#issued.push({ digest: digest(token), expires: this.#clock.now() + this.#lifetimeMs, used: false })
    if (this.#issued.length > this.#limit) this.#issued.shift()
    return token
  }

  redeem(token: string): 'accepted' | 'stale' | 'unknown' {
    const presented = digest(token)
    // Every entry is compared, so that the time taken says nothing about which one matched.
    let match: IssuedToken | undefined
    for (const entry of this.#issued) if (timingSafeEqual(entry.digest, presented)) match = entry
    if (match === undefined) return 'unknown'
    if (match.used || match.expires <= this.#clock.now()) return 'stale'
    match.used = true
    return 'accepted'
  }
}

/** Browsers that came in with a token. Kept in memory only: a restart of the lab closes every session. */
export class Sessions {
  readonly #clock: Clock
  readonly #idleMs: number
  readonly #limit: number
  readonly #open: { digest: Buffer; lastSeen: number }[] = []

  /** @param idleMs a session unused for this long is over. @param limit most sessions; the longest idle goes first. */
  constructor(clock: Clock, idleMs: number, limit = 64) {
    this.#clock = clock
    this.#idleMs = idleMs
    this.#limit = limit
  }

  open(): string {
    const secret = newSecret()
    if (this.#open.length >= this.#limit) {
      this.#open.sort((a, b) => a.lastSeen - b.lastSeen)
      this.#open.shift()
    }
    this.#open.push({ digest: digest(secret), lastSeen: this.#clock.now() })
    return secret
  }

  /** True where the secret is an open session's, which counts as its use. */
  admit(secret: string | undefined): boolean {
    if (secret === undefined) return false
    const presented = digest(secret)
    const now = this.#clock.now()
    let admitted = false
    for (const session of this.#open)
      if (timingSafeEqual(session.digest, presented) && now - session.lastSeen <= this.#idleMs) {
        session.lastSeen = now
        admitted = true
      }
    return admitted
  }
}

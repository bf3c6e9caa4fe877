import { describe, expect, test } from 'vitest'
import { OneTimeTokens, Sessions } from './tokens.ts'

const clockAt = (start: number) => {
  let time = start
  return { now: () => time, advance: (ms: number) => (time += ms) }
}

describe('a one-time token', () => {
  test('opens once, and is stale afterwards', () => {
    const tokens = new OneTimeTokens(clockAt(0), 1000)
    const token = tokens.issue()
    expect(tokens.redeem(token)).toBe('accepted')
    expect(tokens.redeem(token)).toBe('stale')
  })

  test('is stale when its time is over, and good until then', () => {
    const clock = clockAt(5)
    const tokens = new OneTimeTokens(clock, 1000)
    const early = tokens.issue()
    const late = tokens.issue()
    clock.advance(999)
    expect(tokens.redeem(early)).toBe('accepted')
    clock.advance(1)
    expect(tokens.redeem(late)).toBe('stale')
  })

  test('has 256 bits and never repeats', () => {
    const tokens = new OneTimeTokens(clockAt(0), 1000)
    const issued = Array.from({ length: 100 }, () => tokens.issue())
    expect(new Set(issued).size).toBe(100)
    for (const token of issued) expect(Buffer.from(token, 'base64url')).toHaveLength(32)
  })

  test('of a stranger is unknown, whatever its shape', () => {
    const tokens = new OneTimeTokens(clockAt(0), 1000)
    const token = tokens.issue()
    for (const guess of ['', 'x', token.slice(1), `${token}=`, token.toLowerCase(), '\0', 'é'.repeat(1000)])
      expect(tokens.redeem(guess)).toBe('unknown')
    expect(tokens.redeem(token)).toBe('accepted')
  })

  test('is forgotten when more were issued than are remembered', () => {
    const tokens = new OneTimeTokens(clockAt(0), 1000, 2)
    const [first, second, third] = [tokens.issue(), tokens.issue(), tokens.issue()]
    expect(tokens.redeem(first)).toBe('unknown')
    expect(tokens.redeem(second)).toBe('accepted')
    expect(tokens.redeem(third)).toBe('accepted')
  })
})

describe('a session', () => {
  test('admits its own secret only', () => {
    const sessions = new Sessions(clockAt(0), 1000)
    const secret = sessions.open()
    expect(sessions.admit(secret)).toBe(true)
    expect(sessions.admit(undefined)).toBe(false)
    expect(sessions.admit('')).toBe(false)
    expect(sessions.admit(`${secret}x`)).toBe(false)
  })

  test('ends when it was idle too long; each use starts the time anew', () => {
    const clock = clockAt(0)
    const sessions = new Sessions(clock, 1000)
    const secret = sessions.open()
    clock.advance(900)
    expect(sessions.admit(secret)).toBe(true)
    clock.advance(900)
    expect(sessions.admit(secret)).toBe(true)
    clock.advance(1001)
    expect(sessions.admit(secret)).toBe(false)
  })

  test('gives way, longest idle first, when there are too many', () => {
    const clock = clockAt(0)
    const sessions = new Sessions(clock, 10_000, 2)
    const first = sessions.open()
    clock.advance(1)
    const second = sessions.open()
    clock.advance(1)
    sessions.admit(first)
    const third = sessions.open()
    expect([first, second, third].map((secret) => sessions.admit(secret))).toEqual([true, false, true])
  })
})

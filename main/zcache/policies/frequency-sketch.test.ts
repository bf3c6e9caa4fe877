import { describe, expect, it } from 'vitest'
import { FrequencySketch } from './frequency-sketch.ts'

describe('the frequency sketch', () => {
  it('never counts too little while nothing is halved, and at most 15', () => {
    const sketch = new FrequencySketch(1024, 1e6)
    for (let key = 0; key < 100; key++) for (let i = 0; i <= key % 5; i++) sketch.raise(key)
    for (let key = 0; key < 100; key++) expect(sketch.of(key)).toBeGreaterThanOrEqual((key % 5) + 1)
    for (let i = 0; i < 100; i++) sketch.raise(7)
    expect(sketch.of(7)).toBe(15)
  })

  it('knows nothing of what never came', () => {
    const sketch = new FrequencySketch(1024, 64)
    for (let key = 0; key < 200; key++) sketch.raise(key)
    const strangers = Array.from({ length: 1000 }, (_, i) => sketch.of(10_000 + i))
    expect(strangers.filter((count) => count > 0).length).toBeLessThan(20)
  })

  it('forgets by halves, every counter once in a period', () => {
    const sketch = new FrequencySketch(64, 4)
    for (let i = 0; i < 15; i++) sketch.raise(1)
    const before = sketch.of(1)
    // One key many times: the others' counters are only halved.
    for (let i = 0; i < 4 * 64; i++) sketch.raise(2)
    expect(sketch.of(1)).toBeLessThanOrEqual(Math.ceil(before / 2))
    for (let i = 0; i < 16 * 64; i++) sketch.raise(2)
    expect(sketch.of(1)).toBe(0)
  })
})

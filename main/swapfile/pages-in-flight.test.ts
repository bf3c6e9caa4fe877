import { describe, expect, it } from 'vitest'
import { Batch } from './batch.ts'
import { MAX_INFLIGHT, PagesInFlight } from './pages-in-flight.ts'

const ignore = () => {}

describe('pages in flight', () => {
  it('are delivered in the order in which their writes ended, each with its outcome, and no longer busy', () => {
    const pages = new PagesInFlight(8)
    const told: unknown[] = []
    const [a, b] = [5, 2].map((slot) =>
      pages.begin(slot, slot + 100, (...end) => told.push([...end, pages.isBusy(slot)])),
    )
    pages.ok[b] = 0
    pages.end(b)
    pages.end(a)
    expect([pages.deliver(), pages.count, pages.ended]).toEqual([2, 0, 0])
    expect(told).toEqual([
      [2, 102, false, false],
      [5, 105, true, false],
    ])
  })

  it('leave what a WriteDone adds to the next delivery', () => {
    const pages = new PagesInFlight(8)
    pages.end(pages.begin(1, 1, () => pages.end(pages.begin(1, 1, ignore))))
    expect([pages.deliver(), pages.count, pages.deliver(), pages.count]).toEqual([1, 1, 1, 0])
  })

  it('are as many as there are rows, and rows are used again', () => {
    const pages = new PagesInFlight(MAX_INFLIGHT + 1)
    const tokens = new Set<number>()
    for (let slot = 0; slot < MAX_INFLIGHT; slot++) tokens.add(pages.begin(slot, 0, ignore))
    expect(tokens.size).toBe(MAX_INFLIGHT)
    expect(() => pages.begin(MAX_INFLIGHT, 0, ignore)).toThrow(/more than/)
    pages.end(7)
    pages.deliver()
    expect(pages.begin(MAX_INFLIGHT, 0, ignore)).toBe(7)
  })
})

describe('a batch', () => {
  it('keeps its pages in slot order, shows the runs of neighbours, and says when it is full', () => {
    const pages = new PagesInFlight(64)
    const batch = new Batch(pages, 5)
    const full = [9, 3, 4, 30, 5].map((slot) => batch.add(pages.begin(slot, 0, ignore)))
    expect(full).toEqual([false, false, false, false, true])
    expect(Array.from(batch.tokens, (token) => pages.slot[token])).toEqual([3, 4, 5, 9, 30])
    expect([batch.runEnd(0), batch.runEnd(0, 2), batch.runEnd(3)]).toEqual([3, 2, 4])
  })
})

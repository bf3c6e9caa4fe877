import { native } from '../../../native-bench/index.ts'
import { type Backend, Mm, PATH_POOL } from '../../mm/index.ts'
import { SlotMap, type SwapIo } from '../../swapfile/index.ts'
import { percentile } from './histogram.ts'
import { Meters } from './meters.ts'

/** A backend that takes everything and does nothing: what is left of a fault or a store is the cost of looking at it. */
const nothing: Backend = {
  store: () => true,
  load: () => true,
  invalidatePage: () => {},
  invalidateArea: () => {},
  shrink: () => 0,
  tick: () => {},
  writebackDone: () => {},
}

const noDisk: SwapIo = {
  slots: 0,
  inflight: 0,
  read: () => {
    throw new Error('the null lane reads nothing')
  },
  write: () => {
    throw new Error('the null lane writes nothing')
  },
  flush: () => {},
  poll: () => 0,
  wait: () => 0,
  drain: () => {},
}

const PAGES = 1024
const FRAMES = 512
const SWEEPS = 40

/** The observer's own cost, median ns: the clock as JavaScript reads it, a fault and a store that do nothing. */
export function measureObserver(): { clockNs: number; nullFaultNs: number; nullStoreNs: number } {
  const meters = new Meters()
  const mm = new Mm(
    { pages: PAGES, frames: FRAMES, reserve: 0, readahead: 1, background: 32 },
    {
      backend: () => nothing,
      io: noDisk,
      slots: new SlotMap(PAGES + FRAMES),
      clock: { now: native.now },
      meters: meters.mm,
    },
  )
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    if (sweep === SWEEPS >> 1) meters.clear()
    for (let vpn = 0; vpn < PAGES; vpn++) {
      if (mm.pte[vpn] < 0) mm.fault(vpn)
      mm.step()
    }
  }
  if (mm.lastPath !== PATH_POOL) throw new Error('the null lane did not reach its backend')
  return {
    clockNs: clockCost(),
    nullFaultNs: percentile(meters.of('fault.pool.ns').toData(), 0.5) ?? 0,
    nullStoreNs: percentile(meters.of('store.ns').toData(), 0.5) ?? 0,
  }
}

/** Median over batches of 64 reads of the clock, ns a read. */
function clockCost(): number {
  const costs: number[] = []
  for (let batch = 0; batch < 101; batch++) {
    const start = native.now()
    for (let i = 0; i < 63; i++) native.now()
    costs.push((native.now() - start) / 64)
  }
  return costs.sort((a, b) => a - b)[50]
}

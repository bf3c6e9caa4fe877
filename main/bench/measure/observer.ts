import { Arena, native } from '../../../native-bench/index.ts'
import type { Observer } from '../../contract/index.ts'
import { type Backend, Mm, PATH_POOL } from '../../mm/index.ts'
import { SlotMap, type SwapIo } from '../../swapfile/index.ts'
import { Histogram, percentile } from './histogram.ts'
import { median } from './median.ts'
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

/** The observer's own cost: the clock, and a fault, a store, a load and a write that do nothing. Some 50 ms. */
export function measureObserver(): Observer {
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
    nullLoadNs: percentile(meters.of('load.ns').toData(), 0.5) ?? 0,
    ...nullIo(),
  }
}

const NULL_WRITES = 4096

/** A page written to a device that does nothing, the way pages go to the swap file (pwritev). Absent where there is no /dev/null. */
function nullIo(): Pick<Observer, 'nullIoNs'> {
  let file: number
  try {
    file = native.fileOpen('/dev/null', { write: true, create: false, direct: false, dsync: false })
  } catch {
    return {}
  }
  const arena = new Arena(1)
  try {
    const page = new Int32Array(1)
    const histogram = new Histogram()
    for (let i = 0; i < NULL_WRITES; i++) histogram.record(native.fileWriteVector(file, arena.id, page, 1, 0))
    return { nullIoNs: percentile(histogram.toData(), 0.5) ?? 0 }
  } finally {
    arena.release()
    native.fileClose(file)
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
  return median(costs)
}

import type { PolicyParameter } from '../../contract/index.ts'

/**
 * What decides when zpages are written back, how many, and which. A policy is one file with one PolicyEntry; `index.ts` is the
 * table, `lru-frame.ts` the smallest example to copy; "swaplab policies --new mine.ts" writes one of your own. All hooks are
 * optional, but without onFull, onLimit, onReclaim and onTick nothing is ever written back. Hooks are called often: no allocation, no I/O,
 * no clock but `view.now`, and scans of a bounded number of zpages.
 */

/** What a policy may look at: live, read only but for the marks it keeps on zpages. Sizes in pages or frames, times in ns. */
export interface PolicyView {
  readonly now: number
  readonly poolFrames: number
  /** Most frames the pool may take. */
  readonly poolLimit: number
  readonly zpages: number
  readonly zbytes: number
  /** Writebacks under way, pages. */
  readonly outstanding: number
  /** Resident anonymous pages on core mm's active and inactive lists. */
  readonly activePages: number
  readonly inactivePages: number
  readonly freeFrames: number
  /** In onReclaim: pages this pass of reclaim is after, and ephemeral frames that zcache's shrinker has just given back for it. */
  readonly wanted: number
  readonly dropped: number
  /** Totals since the trial's start: stores taken, stores refused, loads by faults, pages written back, of those faulted from disk. */
  readonly stores: number
  readonly rejects: number
  readonly loads: number
  readonly writtenBack: number
  readonly refaults: number
  /** Time accesses have waited in faults, total. */
  readonly stallNs: number

  /** Null but for a policy that needs it. */
  readonly future: Future | null
  /** Zpages whose page is on disk too (see keepClean). */
  readonly cleanCopies: number

  /** The zpages by their store, oldest first; -1 at the end. */
  oldest(): number
  younger(zpage: number): number
  storedAt(zpage: number): number
  /** Compressed bytes. */
  bytesOf(zpage: number): number
  /** Another zpage that must go too before its frame comes free: of the same frame, with zsmalloc of the same zspage; or -1. */
  neighbour(zpage: number): number
  /** The page it is a copy of, a number of at most 31 bits: the same at every store, whatever slot it gets. */
  ownerOf(zpage: number): number
  /** Whether the slot on disk holds it too (see keepClean): as a victim it costs no write. */
  onDiskToo(zpage: number): boolean
  /** Whether this is a zpage of the pool now. Only such a one may be named to the other methods, or as a victim. */
  holds(zpage: number): boolean
  /** A mark of the policy's own; clear when a zpage is stored. */
  mark(zpage: number): boolean
  setMark(zpage: number, value: boolean): void
  /** To the young end, as if stored now; storedAt stays, so the list is no longer in the order of the stores. */
  rotate(zpage: number): void
}

/** What is still to come, for policies that declare they need it. Positions count the accesses after every page has been touched once. */
export interface Future {
  /** Accesses there are in all, and pages that owners are numbers of. */
  readonly operations: number
  readonly pages: number
  /** Of the access under way the next one. */
  readonly position: number
  /** Position of the next use of what a page holds now; from `operations` on, it has none. No two pages have the same. */
  nextUse(owner: number): number
  /** The page whose next use that is. */
  pageAt(position: number): number
}

/** What one victim is: a whole frame with every zpage in it, or one zpage (its frame is freed when that happens). */
export type VictimUnit = 'frame' | 'zpage'

export interface Policy {
  readonly unit: VictimUnit
  /** Called once, before anything is stored: the place to allocate what grows with the pool. */
  begin?(view: PolicyView): void
  /** A store has met a full pool. Victims to write back before it is tried once more; 0 refuses it. */
  onFull?(view: PolicyView): number
  /**
   * A store begins while the pool is at its limit. Victims to try, one by one, until one frame has come free; where none does, the store is
   * refused. Without this hook it goes on, to find room beside another zpage or to ask onFull.
   */
  onLimit?(view: PolicyView): number
  /** A store begins. False refuses it before its page is compressed, which costs next to nothing; admit is asked later, and knows the size. */
  accepts?(view: PolicyView): boolean
  /** Reclaim is under way. Victims to write back now. */
  onReclaim?(view: PolicyView): number
  /** Called every few milliseconds between two accesses. Victims to write back now. */
  onTick?(view: PolicyView): number
  /** A fault loads this zpage; it is gone afterwards, unless gets are not exclusive. Neither writeback nor repatriate comes here. */
  onLoad?(view: PolicyView, zpage: number): void
  /** Pages to bring back into memory uncompressed, as far as frames are free; called with onTick. */
  repatriate?(view: PolicyView): number
  /** Which of them first: by their slot in the swap area (the default), or the oldest zpage. */
  readonly repatriateOrder?: 'slot' | 'age'
  /** A page that was brought back and is stored again within this time, untouched, counts as wasted work. Default 5 s, in ns. */
  readonly repatriateWindowNs?: number
  /** A store was taken: after keepClean said true, of a clean page. */
  onStore?(view: PolicyView, zpage: number): void
  /** A fault has read this page from disk, with so many pages in one read: each beyond the first was cheap. */
  onDiskFault?(view: PolicyView, owner: number, pages: number): void
  /** A page leaves memory that has not changed since it was read from disk. True stores it, so that the next fault finds it here. Default: false. */
  keepClean?(view: PolicyView, owner: number): boolean
  /** False refuses a store although there is room; the page goes to disk (nowhere if it is there already). */
  admit?(view: PolicyView, bytes: number, owner: number): boolean
  /** The next victim (any zpage of the frame, for unit frame), -1 for none. Default: the oldest. */
  victim?(view: PolicyView): number
}

/** `Parameter`: the names of its parameters, where they are known. */
export interface PolicyEntry<Parameter extends string = string> {
  name: string
  title: string
  /** The rule in one sentence. */
  rule: string
  /** Where the rule comes from. */
  source: string
  /** Numbers a specification may set; those of the policies here stand in the contract, which checks them. */
  parameters: readonly PolicyParameter[]
  /** What no kernel could give it: the accesses still to come (PolicyView.future). A bound to hold others against. */
  needs?: 'future'
  /** Bytes it keeps beside its marks, charged to the lane's RAM. Those of a user's own policy are not asked for. */
  metadataBytes?(poolLimit: number): number
  /** @param parameters every declared parameter, by name, within its limits */
  create(parameters: Readonly<Record<Parameter, number>>): Policy
}

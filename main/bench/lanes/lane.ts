import type { CodecName, EngineLane, ExperimentSpec, RamsterLane } from '../../contract/index.ts'
import type { Backend, Clock, CoreMm, SamePages, SameWords } from '../../mm/index.ts'
import type { RemoteMemory } from '../../remote/index.ts'
import type { SlotMap, ZpageArea } from '../../swapfile/index.ts'
import type { ByteMover, Decompressor, Future, PageCodec, Policy } from '../../zcache/index.ts'
import type { Meters } from '../measure/meters.ts'

/** A lane: one way of running a workload. One file each; `index.ts` is the table, `raw.ts` the smallest example to copy. */

export interface LaneParts {
  /** Frames of this lane, metadata already taken off. */
  frames: number
  slots: SlotMap
  /** Bytes of the frames; null where they have none. */
  arena: Uint8Array | null
  mover: ByteMover
  /** Byte offset of a page of the arena that nothing else uses. */
  bounce: number
  /** Such a page, by its number. */
  recompressPage: number
  /** Takes zpages as they are; null where the layout takes only pages. */
  zpageArea: ZpageArea | null
  /** @throws LabError `codec_unavailable` */
  openCodec(name: CodecName, level: number | undefined): LaneCodec
  /** null where there is one CPU, as in a simulation. @throws LabError `codec_unavailable`, `unavailable` */
  openDecompressor: ((name: CodecName, level: number | undefined) => LaneDecompressor) | null
  /** Memory of a lane's nodes, which the lane closes; absent where there is none. @throws LabError where one cannot be reached */
  openRemote?(lane: RamsterLane): RemoteMemory
  /** What knows pages of one repeated word. */
  samePages(words: SameWords): SamePages
  clock: Clock
  meters: Meters
  /** Where the lane's policy needs it. */
  future?: Future
  /** Looks at what a user's own policy costs. */
  watchPolicy?(policy: Policy): Policy
}

/** A codec over the arena of a trial; the lane closes it. */
export interface LaneCodec extends PageCodec {
  close(): void
}

/** A thread beside the engine, over the same arena; the lane closes it. */
export interface LaneDecompressor extends Decompressor {
  /** Time inside the codec so far. */
  busyNs(): number
  close(): void
}

/** Something that is done to a lane in the middle of a trial. */
export interface LaneEvent {
  /** Share of the trial's accesses before it, warm-up included; 0..1. */
  at: number
  /** Called between two accesses, outside of every store and load. */
  act(): void
}

/** What a lane shows while it runs and at its end. */
export interface LaneRun {
  /** null: plain swap, nothing behind frontswap. */
  backend: ((core: CoreMm) => Backend) | null
  /** In their order. Default: none. */
  events?: readonly LaneEvent[]
  /** By their kernel names. */
  counters(): Record<string, number>
  /** Stores by the chunks their zpages took, as they stand. Absent, or null, where nobody counts them. */
  cumulChunkCounts?(): number[] | null
  gauges(): { poolFrames: number; inflight: number; writtenBack: number }
  /** The measured part begins: poolMetrics gives the peaks from here on. Default: there is no pool. */
  clearPeaks?(): void
  /** Metrics of the pool as it stands; empty where there is none. */
  poolMetrics(): Record<string, number>
  /** Where in the arena a slot's zpage lies, without taking it; null where it has none. For calibration. Default: there is no pool. */
  peek?(slot: number): { offset: number; bytes: number } | null
  /** What is wrong with the books at rest, in sentences. */
  audit(): string[]
  /** What is left of the pool once mm was taken down, in sentences. Default: there is no pool. */
  leftovers?(): string[]
  close(): void
}

/** `S` is the lane's own part of the specification. */
export interface LaneEntry<S extends EngineLane = EngineLane> {
  name: S['lane']
  title: string
  description: string
  /** In words, for the list of lanes. */
  needs: string[]
  /** Why it cannot run on this host, with what helps; null where it can. Default: null. */
  missing?(): string | null
  /** Whether it compresses. */
  usesCodec: boolean
  /** Frames kept aside for writeback; part of the RAM. */
  reserve(lane: S): number
  /** Bookkeeping the lane needs beyond plain swap, bytes: charged to its RAM. */
  metadataBytes(lane: S, experiment: ExperimentSpec, slots: number): number
  /** Most pages that a frame of its pool holds: 1 where there is no pool, null where there is no limit worth the name, or none that is known. */
  pagesPerFrame(lane: S): number | null
  /** Whether the swap layer below it keeps a zero map; default: as mm.zeroMap says. */
  zeroMap?(lane: S): boolean
  /** Whether pages that its backend refuses go to disk; default: yes. */
  diskSwap?(lane: S): boolean
  /** Looks at what the contract cannot: nothing has been prepared yet. @throws LabError `bad_input` */
  check?(lane: S): void
  /** @throws LabError `codec_unavailable`, `bad_input` */
  open(lane: S, experiment: ExperimentSpec, parts: LaneParts): LaneRun
}

import type { CodecName, CorpusFacts, LaneSpec, Observer, RamsterLane, SwapfileFacts } from '../contract/index.ts'
import type { AddressSpace, Clock, MappedFile, Mm, MmMeters, SamePages, SameWords } from '../mm/index.ts'
import type { RemoteMemory } from '../remote/index.ts'
import type { SwapIo } from '../swapfile/index.ts'
import type { ByteMover } from '../zcache/index.ts'
import type { LaneCodec, LaneDecompressor } from './lanes/index.ts'
import type { HistogramData } from './measure/histogram.ts'
import type { Meters } from './measure/meters.ts'
import type { Sensors } from './measure/sensors.ts'

/**
 * What a trial runs in: time, a swap area, page contents and codecs. There are two: the measured world (the host's clock, disk,
 * bytes) and the simulated one (a virtual clock, a device model, sizes). One trial sees one world, and one process
 * usually one kind, so that the calls below stay monomorphic in the loop.
 */
export interface World {
  readonly clock: Clock
  readonly io: SwapIo
  /** The mapped file; null where the workload has no file-backed share. */
  readonly file: MappedFile | null
  readonly contents: PageContents
  /** Page n of it is frame n; scratch pages follow the frames. A model world has only directories of blocks of zpages in it. */
  readonly arena: Uint8Array
  /** The same where zpages have bytes; null in a model world. */
  readonly zpageArena: Uint8Array | null
  /** Moves what zpages have in it. */
  readonly mover: ByteMover
  /** @throws LabError `codec_unavailable` */
  openCodec: LaneCodecs
  /** null in a model world, which has one CPU. */
  openDecompressor: ((name: CodecName, level: number | undefined) => LaneDecompressor) | null
  /** Absent where no lane has any. @throws LabError where a node cannot be reached */
  openRemote?(lane: RamsterLane): RemoteMemory
  /** What knows pages of one repeated word: of zeros alone, or of any. */
  samePages(words: SameWords): SamePages
  /** mm's recorders as this world wants them: a model adds what mm itself would have cost. */
  recorders(mm: MmMeters): MmMeters
  /** One access that found its page resident. Passes by itself on a real clock. */
  hit(): void
  /** Nothing is to be done before a moment: a model's time goes on, to it or to the next end of an I/O. Passes by itself on a real clock. */
  idle(until: number): void
  /** Whether the event loop is due for a turn, for cancellation and progress. */
  turnDue(now: number): boolean
  turnTaken(now: number): void
  /** How long the process was stopped so far, as far as turns have told, ns. Absent where that does nothing to the clock. */
  stoppedNs?(): number
  /** From now on the largest resident set is that of the time to come; false where it cannot be. Absent where usage() is null. */
  restartPeak?(): boolean
  /** What the process has used so far; null where that says nothing about the trial. */
  usage(): { userS: number; sysS: number; maxRssBytes: number } | null
  /** The host, watched while a trial is measured; null: there is none. */
  readonly sensors: Sensors | null
  /** null: the trial carries out the accesses, and frames are all the memory there is. */
  readonly live: LiveWorkload | null
}

/** A workload that is real memory, and touches its pages by itself. */
export interface LiveWorkload {
  readonly memory: AddressSpace & PageContents & { audit(mm: Mm): string[] }
  /** Most accesses carried out together. */
  readonly batch: number
  /**
   * Carries out the first `count` accesses, `vpn << 2 | op` (0 read, 1 write), mm answering what is missing. Each fault is recorded from the touch to its end.
   * Returns the time to take off, ns: checks, and what starting and ending threads took.
   * @throws LabError mismatch, and what mm throws; then nothing touches the memory any more
   */
  carryOut(mm: Mm, accesses: Uint32Array, count: number): number
  /** Faults that are answered with a page of zeros at once, from touch to end: the cost of the way. */
  nullFaults(): HistogramData
  close(): void
}

/** Makes the world of one trial, its swap area reporting to the trial's meters. */
export type OpenWorld = (meters: Meters) => World

export type LaneCodecs = (name: CodecName, level: number | undefined) => LaneCodec

/** What every page of the address space must contain. A write by the workload is a new version. */
export interface PageContents {
  verified: number
  mismatches: number
  /** First touch of a page: gives the frame its content. */
  fill(vpn: number, frame: number): void
  /** A page of the mapped file has come into a frame: it has the file's content until it is written to. */
  map(vpn: number): void
  /** A write by the workload to a resident page. */
  change(vpn: number, frame: number): void
  /** The workload gave the page back. An old copy can never pass for a new one. */
  forget(vpn: number): void
  isTouched(vpn: number): boolean
  /** @throws LabError `mismatch` where the frame does not hold the page as last written */
  verify(vpn: number, frame: number, from: string): void
}

/** What the trials of one experiment share, and a world for each of them. */
export interface Worlds {
  /** null where no page contents are used. */
  readonly corpus: CorpusFacts | null
  readonly swapfile: SwapfileFacts | null
  /** The cost of looking; null where nothing is measured. */
  readonly observer: Observer | null
  /** What a lane has to do otherwise, or rests on. */
  notes(lane: LaneSpec): string[]
  /** @param block of the trial, from 0 */
  open(lane: LaneSpec, block: number): OpenWorld
  close(): void
}

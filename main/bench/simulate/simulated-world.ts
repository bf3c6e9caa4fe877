import type { ExperimentSpec, LaneSpec, RamsterLane } from '../../contract/index.ts'
import { isKernelLane, PAGE_SIZE } from '../../contract/index.ts'
import type { MappedFile, MmMeters, SamePages, SameWords } from '../../mm/index.ts'
import { ALLOCATORS } from '../../zcache/index.ts'
import { LANES, laneMemory } from '../lanes/index.ts'
import type { Meters } from '../measure/meters.ts'
import { slotsFor } from '../plan.ts'
import { SCRATCH_PAGES } from '../trial/index.ts'
import { fileAreas } from '../workloads/index.ts'
import type { LaneCodecs, World } from '../world.ts'
import type { CodecCosts } from './codec-costs.ts'
import type { DeviceModel } from './device-model.ts'
import { costedRecorders, type EngineCosts, HIT_NS } from './engine-costs.ts'
import { ModelBlocks } from './model-blocks.ts'
import { ModelCodec } from './model-codec.ts'
import { ModelContents } from './model-contents.ts'
import { ModelFile } from './model-file.ts'
import { ModelNodes } from './model-nodes.ts'
import { modelSamePages, type SameFilled } from './model-same-pages.ts'
import { ModelSwap } from './model-swap.ts'
import { PageTags, TAG_BYTES, ZpageTags } from './page-tags.ts'
import { TagMover } from './tag-mover.ts'
import { VirtualClock } from './virtual-clock.ts'
import type { ZpageSizes } from './zpage-sizes.ts'

/** Looks at the clock between two turns of the event loop: some ms of the host's time. */
const LOOKS_PER_TURN = 1024

/** What stands in for disk, codecs and the engine's own time. */
export interface Models {
  device: DeviceModel
  engine: EngineCosts
  /** By codec and level. */
  sizes(codec: Parameters<LaneCodecs>[0], level: number | undefined): ZpageSizes
  costs(codec: Parameters<LaneCodecs>[0]): CodecCosts
  sameFilled(): SameFilled
}

/** The host in models: a virtual clock, a device model, sizes for bytes. Nothing in it knows what time it is outside. */
export class SimulatedWorld implements World {
  readonly clock = new VirtualClock()
  readonly io: ModelSwap
  readonly file: MappedFile | null
  readonly contents: ModelContents
  readonly arena: Uint8Array
  readonly zpageArena = null
  /** What frames and slots hold. */
  readonly tags: PageTags
  readonly mover: TagMover
  readonly live = null
  readonly openCodec: LaneCodecs
  readonly openDecompressor = null
  readonly samePages: (words: SameWords) => SamePages
  readonly sensors = null
  private readonly engine: EngineCosts
  private looks = 0

  /** @param parts.luck seed of this trial's device */
  constructor(parts: {
    spec: ExperimentSpec
    lane: LaneSpec
    /** Of its swap area: places, with a log. */
    slots: number
    models: Models
    luck: number
    meters: Meters
  }) {
    const { spec, lane, slots, models, luck, meters } = parts
    const { clock } = this
    this.engine = models.engine
    const pages = spec.memory.frames + SCRATCH_PAGES
    const tags = new PageTags(pages, slots)
    this.tags = tags
    this.contents = new ModelContents(spec.workload.pages, tags)
    // Zeroed memory of the system: pages nobody touches are never there. Plain swap touches none, and without blocks nothing else does.
    const compresses = !isKernelLane(lane) && LANES[lane.lane].usesCodec
    // The layout's buffers are the last pages of the RAM that mm does not get.
    const { metadataBytes, bufferPages } = laneMemory(lane, spec, slotsFor(spec))
    const to = spec.memory.frames - Math.ceil(metadataBytes / PAGE_SIZE)
    const arena = new Uint8Array(compresses && bufferPages > 0 ? pages * PAGE_SIZE : 0)
    this.arena = arena
    const zpageTags = new ZpageTags({
      frames: to - bufferPages,
      pages: compresses ? pages : to - bufferPages,
      cellBytes: 'allocator' in lane ? ALLOCATORS[lane.allocator].cellBytes : TAG_BYTES,
    })
    this.io = new ModelSwap(spec.swapfile, {
      slots,
      clock,
      device: models.device,
      tags,
      blocks:
        compresses && bufferPages > 0
          ? { contents: new ModelBlocks(arena, zpageTags), from: to - bufferPages, to }
          : null,
      seed: luck,
      observer: meters,
    })
    const areas = fileAreas(spec.workload.pages, spec.workload.file.share)
    this.file = areas && { pageOf: areas.pageOf, io: new ModelFile(areas.vpnOf, this.io, tags) }
    this.mover = new TagMover(zpageTags)
    this.samePages = (words) => modelSamePages(words, { slots, tags, sameFilled: models.sameFilled(), clock })
    this.openCodec = (name, level) =>
      new ModelCodec({
        scratch: spec.memory.frames * PAGE_SIZE,
        tags,
        zpageTags,
        sizes: models.sizes(name, level),
        costs: models.costs(name),
        clock,
      })
  }

  openRemote(lane: RamsterLane): ModelNodes {
    return new ModelNodes(lane, this.clock, this.mover.tags)
  }

  recorders(mm: MmMeters): MmMeters {
    return costedRecorders(this.clock, this.engine, mm)
  }

  hit(): void {
    this.clock.advance(HIT_NS)
  }

  idle(until: number): void {
    this.clock.advanceTo(Math.min(until, this.io.nextEnd))
  }

  turnDue(): boolean {
    return ++this.looks >= LOOKS_PER_TURN
  }

  turnTaken(): void {
    this.looks = 0
  }

  usage(): null {
    return null
  }
}

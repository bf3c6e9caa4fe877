import { ownUsage, probeDevice, restartPeakRss } from '../../native-bench/host.ts'
import { Arena, native } from '../../native-bench/index.ts'
import {
  type ExperimentSpec,
  LabError,
  laneCodecs,
  type PreconditionFacts,
  type RamsterLane,
} from '../contract/index.ts'
import type { MappedFile } from '../mm/index.ts'
import type { RemoteMemory } from '../remote/index.ts'
import {
  createMappedFile,
  createSwapfile,
  DirectFile,
  DirectSwap,
  type IoObserver,
  type Swapfile,
  type SwapIo,
  sweepLeftovers,
} from '../swapfile/index.ts'
import { arenaMover } from '../zcache/index.ts'
import { Contents, fillMappedPage } from './contents.ts'
import { type KernelSession, openKernelSession } from './kernel-lanes/index.ts'
import { openNativeCodec, openNativeDecompressor } from './lanes/native-codec.ts'
import { liveNotes, liveWorld } from './live/index.ts'
import { measureObserver } from './measure/observer.ts'
import { hostSensors, type Sensors } from './measure/sensors.ts'
import { Stops } from './measure/stops.ts'
import { openServers } from './nodes.ts'
import { precondition, preconditionNote } from './precondition.ts'
import { wordPages, zeroPages } from './same-pages.ts'
import { SCRATCH_PAGES } from './trial/index.ts'
import { buildCorpus, type FileAreas, fileAreas } from './workloads/index.ts'
import type { OpenWorld, Worlds } from './world.ts'

/** Distinct pages that preconditioning writes. */
const PRECONDITION_FRAMES = 1024

/** The event loop gets a turn this often, ns. */
const SLICE_NS = 50e6

export interface MeasuredParts {
  spec: ExperimentSpec
  /** Holds memory.frames + SCRATCH_PAGES pages. */
  arena: { id: number; bytes: Uint8Array }
  corpus: { arena: number; pages: number }
  /** A swap area with every slot free, reporting to the observer. */
  openSwap(observer: IoObserver): SwapIo
  /** The mapped file, reporting to the observer; null where there is none. */
  openFile(observer: IoObserver): MappedFile | null
  /** Memory of a lane's nodes, for zpages of an arena. Default: no lane has any. */
  openRemote?(lane: RamsterLane, arena: Uint8Array): RemoteMemory
  /** Default: none. */
  sensors?: Sensors
  /** Default: it is never stopped. */
  stops?: Stops
}

/** The host itself: its monotonic clock, a real swap area, real bytes through real codecs. */
export function measuredWorld(parts: MeasuredParts): OpenWorld {
  const { spec, arena, corpus, openSwap, openFile, openRemote, sensors = null, stops } = parts
  const mover = arenaMover(arena.bytes)
  return (meters) => {
    let nextTurn = 0
    const io = openSwap(meters)
    return {
      clock: { now: native.now },
      io,
      file: openFile(meters),
      contents: new Contents(spec.workload.pages, spec.seed, arena.id, corpus),
      arena: arena.bytes,
      zpageArena: arena.bytes,
      mover,
      openCodec: (name, level) => openNativeCodec(name, level, arena, spec.memory.frames),
      openDecompressor: (name, level) => openNativeDecompressor(name, level, arena),
      ...(openRemote && { openRemote: (lane: RamsterLane) => openRemote(lane, arena.bytes) }),
      samePages: (words) => (words === 'zero' ? zeroPages(arena) : wordPages(arena, io.slots)),
      recorders: (mm) => mm,
      hit: () => {},
      idle: () => {},
      turnDue: (now) => now >= nextTurn,
      turnTaken: (now) => {
        nextTurn = now + SLICE_NS
        stops?.turn(now)
      },
      ...(stops && { stoppedNs: () => stops.ns }),
      restartPeak: restartPeakRss,
      usage: ownUsage,
      sensors,
      live: null,
    }
  }
}

export interface MeasuredWorlds extends Worlds {
  /** The host's own swap; null where no lane asks for it. */
  readonly kernel: KernelSession | null
}

export interface MeasuringSite {
  slots: number
  swapDir: string
  /** Names the swap file. */
  runId: string
  selfCorpus: string | null
  /** The CPU this process is pinned to; absent or null: any. */
  cpu?: number | null
  /** Of kernel lanes: data folder and consent. */
  kernel?: { folder: string; consent: boolean } | undefined
  signal: AbortSignal
  /** While the kernel lanes wait for their permission: again and again. */
  onPermission(): void
  /** While the swap file, then the mapped file, is written through, 0..1. */
  onProgress(fraction: number): void
  /** While the swap file is preconditioned, 0..1. */
  onPrecondition(fraction: number): void
}

/**
 * Collects page contents and makes the swap file and, where part of the workload is file-backed, the mapped file. Nothing is left behind where it fails.
 * @throws LabError codec_unavailable, unavailable and no_permission (kernel lanes), and those of buildCorpus and createSwapfile
 */
export async function prepareMeasurement(spec: ExperimentSpec, site: MeasuringSite): Promise<MeasuredWorlds> {
  checkCodecs(spec)
  const servers = await openServers(spec, site.runId)
  const permission = { signal: site.signal, word: site.onPermission }
  const kernel = await openKernelSession(spec, { ...site, permission })
  const held: { close(): void }[] = []
  const close = () => {
    for (const part of held.splice(0).reverse()) part.close()
  }
  if (kernel) held.push(kernel)
  try {
    const corpus = buildCorpus(spec.workload.content, { seed: spec.seed, selfCorpus: site.selfCorpus })
    held.push({ close: () => corpus.release() })
    const arena = new Arena(spec.memory.frames + SCRATCH_PAGES)
    held.push({ close: () => arena.release() })
    sweepLeftovers(site.swapDir)
    const swapfile = await createSwapfile({
      directory: site.swapDir,
      slots: site.slots,
      runId: site.runId,
      buffered: spec.swapfile.buffered,
      signal: site.signal,
      onProgress: site.onProgress,
    })
    held.push(swapfile)
    const swap = new DirectSwap(swapfile, arena, spec.swapfile)
    held.push(swap)
    const contents = { arena: corpus.arena.id, pages: corpus.pages }
    const areas = fileAreas(spec.workload.pages, spec.workload.file.share)
    const mapped = areas && (await createMapped(spec, site, areas, contents))
    if (mapped) held.push(mapped)
    const file = mapped && new DirectFile(mapped, arena)
    const conditioned = spec.swapfile.precondition > 0 ? await preconditioned(swap, arena, spec, site) : null
    const stops = new Stops(native.now)
    held.push(stops)
    const openWorld = measuredWorld({
      spec,
      arena,
      corpus: contents,
      openFile: (observer) => {
        if (!file || !areas) return null
        file.observer = observer
        return { pageOf: areas.pageOf, io: file }
      },
      openSwap: (observer) => {
        swap.observer = observer
        return swap
      },
      openRemote: (lane, bytes) => servers.open(lane, bytes),
      sensors: hostSensors(probeDevice(swapfile.directory).device, native),
      stops,
    })
    return {
      corpus: corpus.facts,
      swapfile: { ...swap.facts, cpu: site.cpu ?? null, ...(conditioned && { precondition: conditioned }) },
      observer: measureObserver(),
      notes: (lane) => [
        ...(lane.lane === 'live' ? liveNotes(lane) : []),
        ...(lane.lane === 'ramster' ? servers.notes(lane) : []),
        ...(conditioned ? [preconditionNote(conditioned)] : []),
        ...(swap.facts.direct ? [] : ['buffered: the page cache of the host stands between the engine and the disk']),
        ...(swap.facts.ioReason ? [`psync stands in for io_uring: ${swap.facts.ioReason}`] : []),
      ],
      open: (lane) =>
        lane.lane === 'live'
          ? liveWorld(openWorld, lane, {
              pages: spec.workload.pages,
              seed: spec.seed,
              arena: arena.id,
              corpus: contents,
            })
          : openWorld,
      kernel: kernel?.with(corpus) ?? null,
      close,
    }
  } catch (error) {
    close()
    throw error
  }
}

function preconditioned(
  swap: DirectSwap,
  arena: Arena,
  spec: ExperimentSpec,
  site: MeasuringSite,
): Promise<PreconditionFacts> {
  const { precondition: passes, batch } = spec.swapfile
  return precondition({
    io: swap,
    arena: { bytes: arena.bytes, frames: Math.min(PRECONDITION_FRAMES, spec.memory.frames) },
    clock: { now: native.now },
    passes,
    // A batch under way and one being filled.
    depth: 2 * batch,
    seed: spec.seed,
    signal: site.signal,
    onProgress: site.onPrecondition,
  })
}

/** The mapped file of an experiment: every page as the address space has it before the first write. */
function createMapped(
  spec: ExperimentSpec,
  site: MeasuringSite,
  { vpnOf }: FileAreas,
  corpus: { arena: number; pages: number },
): Promise<Swapfile> {
  return createMappedFile(
    {
      directory: site.swapDir,
      slots: vpnOf.length,
      runId: site.runId,
      buffered: spec.swapfile.buffered,
      signal: site.signal,
      onProgress: site.onProgress,
    },
    (arena, first, count) => {
      for (let page = 0; page < count; page++)
        fillMappedPage({ arena: arena.id, page }, vpnOf[first + page], spec.seed, corpus)
    },
  )
}

/** Fails before anything is written where a lane cannot run here. @throws LabError `codec_unavailable` */
export function checkCodecs(spec: ExperimentSpec): void {
  const available = new Map(native.codecList().map((codec) => [codec.codec, codec]))
  for (const [index, lane] of spec.lanes.entries()) {
    for (const { name, field } of laneCodecs(lane)) {
      const codec = available.get(name)
      if (codec?.available) continue
      throw new LabError({
        code: 'codec_unavailable',
        message: `${name} is unavailable here: ${codec?.reason ?? 'unknown codec'}.`,
        remedy: `Install it (Debian: apt-get install ${codec?.package ?? name}), or choose another codec.`,
        field: `lanes.${index}.${field}`,
      })
    }
  }
}

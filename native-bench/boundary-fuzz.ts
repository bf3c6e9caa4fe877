/**
 * Calls every function of the addon with arguments of every kind, in a process of its own: whatever it is given, it throws or
 * returns. Started by boundary.test.ts, or by hand: node native-bench/boundary-fuzz.ts SEED RUNS [trace]
 *
 * Works in the current folder, which must be a scratch folder; `trace` writes each call to stderr before it is made.
 */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import fc from 'fast-check'
import { Arena, native, PAGE_SIZE } from './index.ts'

const seed = Number(process.argv[2])
const numRuns = Number(process.argv[3])
const trace = process.argv[4] === 'trace'

writeFileSync('plain', new Uint8Array(16 * PAGE_SIZE).fill(7))
writeFileSync('empty', '')
mkdirSync('folder')
symlinkSync('plain', 'link')
symlinkSync('nowhere', 'dangling')
execFileSync('mkfifo', ['pipe'])
// Who connects waits in its queue: nobody accepts.
const listening = createServer().listen('listening').unref()
await once(listening, 'listening')

type Kind =
  | 'arena'
  | 'codec'
  | 'decompressor'
  | 'file'
  | 'socket'
  | 'ring'
  | 'memory'
  | 'live'
  | 'short'
  | 'events'
  | 'accesses'
  | 'kinds'
  | 'page'
  | 'offset'
  | 'bytes'
  | 'word'
  | 'name'
  | 'level'
  | 'path'
  | 'options'
  | 'pages'
  | 'rows'
  | 'arenas'
  | 'buffer'
  | 'pid'
  | 'flag'

/** What each function expects; most generated arguments are of that kind, the rest are anything. */
const SIGNATURES = {
  now: [],
  clockReadNs: ['page'],
  arenaRegister: ['buffer', 'page'],
  arenaRelease: ['arena'],
  copy: ['arena', 'offset', 'arena', 'offset', 'bytes'],
  codecList: [],
  codecOpen: ['name', 'level'],
  codecClose: ['codec'],
  compress: ['codec', 'arena', 'page', 'arena', 'offset', 'bytes'],
  decompress: ['codec', 'arena', 'offset', 'bytes', 'arena', 'page'],
  decompressorOpen: ['name', 'level', 'arena'],
  decompressorClose: ['decompressor'],
  decompressorPost: ['decompressor', 'offset', 'bytes', 'page'],
  decompressorWait: ['decompressor', 'page'],
  decompressorBusyNs: ['decompressor'],
  pageFill: ['arena', 'page', 'arena', 'page', 'word', 'word'],
  pageStamp: ['arena', 'page', 'word', 'word'],
  pageVerify: ['arena', 'page', 'arena', 'page', 'word', 'word'],
  pageSameFilled: ['arena', 'page'],
  fileOpen: ['path', 'options'],
  fileClose: ['file'],
  fileStat: ['file'],
  fileAllocate: ['file', 'bytes'],
  fileRead: ['file', 'arena', 'page', 'page', 'page'],
  fileWrite: ['file', 'arena', 'page', 'page', 'page'],
  fileReadVector: ['file', 'arena', 'pages', 'page', 'page'],
  fileWriteVector: ['file', 'arena', 'pages', 'page', 'page'],
  fileDatasync: ['file'],
  fileSync: ['file'],
  fileDropCache: ['file'],
  fileLock: ['file'],
  socketConnect: ['name', 'page', 'page'],
  socketConnectUnix: ['path', 'page'],
  socketSend: ['socket', 'arena', 'offset', 'bytes'],
  socketReceive: ['socket', 'arena', 'offset', 'bytes'],
  socketWait: ['socket', 'flag', 'page'],
  socketClose: ['socket'],
  uringProbe: [],
  uringOpen: ['file', 'page', 'arenas', 'flag', 'flag'],
  uringClose: ['ring'],
  uringWriteVector: ['ring', 'arena', 'pages', 'page', 'page', 'word'],
  uringReadVector: ['ring', 'arena', 'pages', 'page', 'page', 'word'],
  uringWrite: ['ring', 'arena', 'page', 'page', 'page', 'word'],
  uringRead: ['ring', 'arena', 'page', 'page', 'page', 'word'],
  uringDatasync: ['ring', 'word'],
  uringLinkedDatasync: ['ring', 'word'],
  uringSubmit: ['ring'],
  uringPoll: ['ring', 'rows'],
  uringWait: ['ring', 'rows', 'page'],
  uringPinnedBytes: ['ring'],
  uringFileRegistered: ['ring'],
  memoryOpen: ['page'],
  memoryClose: ['memory'],
  memoryContents: ['memory', 'arena', 'accesses'],
  memoryReplay: ['memory', 'accesses', 'rows', 'kinds', 'flag', 'rows'],
  memoryPageout: ['memory', 'page', 'page'],
  memoryTouch: ['memory', 'page', 'flag'],
  memoryVerify: ['memory', 'page'],
  memoryVmstat: ['memory', 'rows'],
  liveProbe: [],
  liveOpen: ['page', 'short'],
  liveClose: ['live'],
  liveContents: ['live', 'arena', 'accesses'],
  liveMap: ['live', 'page', 'arena', 'page', 'page', 'flag'],
  liveZero: ['live', 'page', 'page'],
  liveMapped: ['live', 'page'],
  liveWritten: ['live', 'page'],
  liveUnmap: ['live', 'page', 'arena', 'page', 'flag'],
  liveDiscard: ['live', 'page'],
  liveFlush: ['live'],
  livePresence: ['live'],
  liveVerify: ['live', 'page', 'arena', 'page'],
  liveRun: ['live', 'accesses', 'page', 'page'],
  liveResume: ['live', 'rows'],
  liveStart: ['live', 'accesses', 'page'],
  liveWait: ['live', 'events', 'short'],
  liveFaults: ['live', 'rows'],
  liveCallOut: ['live'],
  captureProcess: ['pid', 'arena', 'page', 'flag'],
  captureFile: ['path', 'arena', 'page'],
  pinCpu: ['page'],
  swapOn: ['path', 'page'],
  swapOff: ['path'],
} as const satisfies Record<keyof typeof native, readonly Kind[]>

type FunctionName = keyof typeof SIGNATURES
const isFunctionName = (name: string): name is FunctionName => name in SIGNATURES
const NAMES = Object.keys(SIGNATURES).filter(isFunctionName)

/** Handles that were open at some time; released ones stay in the list, to be tried again. */
const known = {
  arena: [] as number[],
  codec: [] as number[],
  decompressor: [] as number[],
  file: [] as number[],
  socket: [] as number[],
  ring: [] as number[],
  memory: [] as number[],
  live: [] as number[],
}
/** Buffers that were registered, to be transferred away under the addon. */
const buffers: ArrayBuffer[] = []

const EDGES = [
  0,
  -0,
  1,
  -1,
  0.5,
  2,
  255,
  4095,
  4096,
  4097,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
]
const wild = fc.oneof(
  fc.constantFrom(...EDGES, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e308, -(2 ** 53)),
  fc.constantFrom(null, undefined, '', '1', true, Symbol('s'), 1n, 2n ** 70n, [], {}, () => 1),
  fc.anything({ withBigInt: true, withTypedArray: true, withSparseArray: true, withNullPrototype: true }),
  fc.constantFrom('throwing', 'releasing').map((trap) => ({ trap })),
)

/** An object whose properties throw, or let go of everything while they are read. */
function trapped(kind: unknown): object {
  return new Proxy([1, 2, 3], {
    get(target, key) {
      if (kind === 'throwing') throw new Error('trapped')
      if (key === 'length') return target.length
      for (const id of known.arena) attempt(() => native.arenaRelease(id))
      for (const id of known.file) attempt(() => native.fileClose(id))
      return known.arena.at(-1) ?? true
    },
  })
}

function attempt(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    // A pending exception of another kind would mean that the addon threw something that is not an Error.
    if (!(error instanceof Error)) throw error
    return undefined
  }
}

/** Picks stand for handles: which one is only known when the call is made. */
const pick = fc.nat(63)
const kinds: Record<Kind, fc.Arbitrary<unknown>> = {
  arena: pick.map((at) => ({ handle: 'arena', at })),
  codec: pick.map((at) => ({ handle: 'codec', at })),
  decompressor: pick.map((at) => ({ handle: 'decompressor', at })),
  file: pick.map((at) => ({ handle: 'file', at })),
  socket: pick.map((at) => ({ handle: 'socket', at })),
  ring: pick.map((at) => ({ handle: 'ring', at })),
  memory: pick.map((at) => ({ handle: 'memory', at })),
  live: pick.map((at) => ({ handle: 'live', at })),
  short: fc.nat(2),
  events: fc.nat(20).map((length) => new Uint32Array(length)),
  accesses: fc.array(fc.nat(31), { maxLength: 12 }).map((accesses) => Uint32Array.from(accesses)),
  kinds: fc.nat(40).map((length) => new Uint8Array(length)),
  page: fc.nat(9),
  offset: fc.oneof(
    fc.nat(8 * PAGE_SIZE),
    fc.nat(8).map((page) => page * PAGE_SIZE),
  ),
  bytes: fc.oneof(fc.nat(2 * PAGE_SIZE), fc.constantFrom(PAGE_SIZE, 2 ** 60, 2 ** 52)),
  word: fc.maxSafeNat(),
  name: fc.constantFrom(...native.codecList().map(({ codec }) => codec), 'lz4', 'gzip'),
  level: fc.oneof(fc.integer({ min: -60, max: 25 }), fc.constant(1)),
  // Never a string of its own making: as root it could name, and create, anything.
  path: fc.constantFrom(
    'plain',
    'empty',
    'folder',
    'link',
    'dangling',
    'pipe',
    'listening',
    'listening',
    'new-1',
    'new-2',
    'a\0b',
    '',
    '/dev/null',
  ),
  options: fc.record({ write: fc.boolean(), create: fc.boolean(), direct: fc.boolean(), dsync: fc.boolean() }),
  pages: fc.array(fc.integer({ min: -1, max: 9 }), { maxLength: 20 }).map((pages) => Int32Array.from(pages)),
  rows: fc.nat(40).map((length) => new Float64Array(length)),
  arenas: fc.array(pick, { maxLength: 3 }).map((ats) => ats.map((at) => ({ handle: 'arena', at }))),
  buffer: fc.oneof(
    fc.nat(6).map((pages) => new ArrayBuffer(pages * PAGE_SIZE + 17)),
    fc.constant(0).map(() => new ArrayBuffer(PAGE_SIZE, { maxByteLength: 9 * PAGE_SIZE })),
    fc.constant(0).map(() => new SharedArrayBuffer(9 * PAGE_SIZE)),
  ),
  pid: fc.constantFrom(process.pid, process.pid, 2 ** 22 + 1),
  flag: fc.boolean(),
}

const step = fc.oneof(
  {
    weight: 30,
    arbitrary: fc
      .constantFrom(...NAMES)
      .chain((name) =>
        fc.tuple(
          fc.constant(name),
          fc.tuple(
            ...SIGNATURES[name].map((kind) =>
              fc.oneof({ weight: 12, arbitrary: kinds[kind] }, { weight: 1, arbitrary: wild }),
            ),
          ),
        ),
      ),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...NAMES), fc.array(wild, { maxLength: 9 })) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('transfer'), fc.tuple(pick)) },
)

function isHandle(value: unknown): value is { handle: keyof typeof known; at: number } {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'handle') && Object.hasOwn(value, 'at')
}

/** What a generated value stands for, as of now. Traps are set only here: printing a failed case would spring them. */
function resolve(value: unknown): unknown {
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, 'trap'))
    return trapped(Reflect.get(value, 'trap'))
  if (isHandle(value)) {
    const ids = known[value.handle]
    return ids.length === 0 ? value.at : ids[ids.length - 1 - (value.at % Math.min(ids.length, 8))]
  }
  return Array.isArray(value) ? value.map(resolve) : value
}

function remember(name: string, args: unknown[], result: unknown): void {
  if (typeof result === 'number') {
    if (name === 'codecOpen') known.codec.push(result)
    if (name === 'decompressorOpen') known.decompressor.push(result)
    if (name === 'fileOpen') known.file.push(result)
    if (name.startsWith('socketConnect')) known.socket.push(result)
    if (name === 'uringOpen') known.ring.push(result)
    if (name === 'memoryOpen') known.memory.push(result)
    if (name === 'liveOpen') known.live.push(result)
  }
  if (name === 'arenaRegister' && typeof result === 'object' && result !== null && 'id' in result) {
    known.arena.push(Number(result.id))
    if (args[0] instanceof ArrayBuffer) buffers.push(args[0])
  }
}

const PATH_FUNCTIONS = new Set(['fileOpen', 'socketConnectUnix', 'swapOn', 'swapOff'])

/** Paths stay inside the fixed list, whatever was generated for them. */
function harmless(name: string, args: unknown[]): unknown[] {
  const [path, ...rest] = args
  return PATH_FUNCTIONS.has(name) && typeof path === 'string' && path !== '/dev/null'
    ? [path.replaceAll('/', '_'), ...rest]
    : args
}

function perform(name: string, generated: unknown[]): void {
  if (name === 'transfer') {
    const buffer = buffers[Number(generated[0]) % Math.max(1, buffers.length)]
    // While a ring or a decompressor works on the buffer, its memory must stay: that much the caller owes.
    for (const id of known.decompressor.splice(0)) attempt(() => native.decompressorClose(id))
    for (const ring of known.ring.splice(0)) attempt(() => native.uringClose(ring))
    if (buffer) attempt(() => structuredClone(buffer, { transfer: [buffer] }))
    return
  }
  const args = harmless(name, generated.map(resolve))
  if (trace)
    process.stderr.write(`${name}(${args.map((arg) => (typeof arg === 'number' ? arg : typeof arg)).join(', ')})\n`)
  const call: unknown = Reflect.get(native, name)
  if (typeof call !== 'function') throw new Error(`the addon has no ${name}`)
  remember(
    name,
    args,
    attempt(() => Reflect.apply(call, undefined, args)),
  )
}

fc.assert(
  fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), (steps) => {
    for (let fresh = 0; fresh < 2; fresh++) {
      const arena = new Arena(8)
      known.arena.push(arena.id)
      buffers.push(arena.bytes.buffer)
    }
    const options = { write: true, create: false, direct: false, dsync: false }
    known.file.push(native.fileOpen('plain', options))
    known.codec.push(native.codecOpen('lz4', 1))
    known.decompressor.push(native.decompressorOpen('lz4', 1, known.arena.at(-1) ?? 0))
    const memory = native.memoryOpen(8)
    native.memoryContents(memory, known.arena.at(-1) ?? 0, new Uint32Array(8))
    known.memory.push(memory)
    const ring = attempt(() => native.uringOpen(known.file.at(-1) ?? 0, 8, []))
    if (typeof ring === 'number') known.ring.push(ring)
    for (const [name, args] of steps) perform(name, args)
    for (const id of known.ring.splice(0)) attempt(() => native.uringClose(id))
    for (const id of known.decompressor.splice(0)) attempt(() => native.decompressorClose(id))
    for (const id of known.memory.splice(0)) attempt(() => native.memoryClose(id))
    for (const id of known.file.splice(0)) attempt(() => native.fileClose(id))
    for (const id of known.codec.splice(0)) attempt(() => native.codecClose(id))
    for (const id of known.arena.splice(0)) attempt(() => native.arenaRelease(id))
    buffers.length = 0
  }),
  { seed, numRuns, endOnFailure: true },
)
process.stdout.write('done\n')

import { closeSync, constants, createReadStream, fstatSync, openSync, statSync } from 'node:fs'
import { createZstdDecompress } from 'node:zlib'
import { LabError } from '../../contract/index.ts'
import { fileFault } from './corpus-file.ts'
import { isZstd, zstdFrame } from './zstd-frames.ts'

/** Bytes read at a time: a trace of any size takes no more memory than a few of these. */
const CHUNK = 2 ** 20

const TRACE_FIELD = 'workload.access.path'

/** `problem` without a full stop, as it follows the path. */
export function badTrace(path: string, problem: string, remedy: string, field = TRACE_FIELD): LabError {
  return new LabError({ code: 'bad_input', message: `The trace ${path}: ${problem}.`, remedy, field })
}

/** Size and time of change: a trace with the same identity needs not be read again. @throws LabError as traceBytes */
export function traceIdentity(path: string): string {
  try {
    const stat = statSync(path)
    if (!stat.isFile()) throw badTrace(path, 'it is not a regular file', 'Give the path of a file.')
    return `${path}:${stat.size}:${stat.mtimeMs}`
  } catch (error) {
    throw fileFault(error, `The trace ${path} cannot be read`, TRACE_FIELD)
  }
}

/**
 * The bytes of a trace from its beginning, decompressed where it begins as zstd. Whoever stops early closes it.
 * @throws LabError not_found, no_permission, bad_input (damaged compression), io_error
 */
export async function* traceBytes(path: string): AsyncGenerator<Uint8Array> {
  traceIdentity(path)
  let fd: number | null = null
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK) // of a FIFO the open would wait for a writer
    const { size } = fstatSync(fd)
    if (isZstd(fd, size)) yield* decompressed(path, fd, size)
    else yield* createReadStream(path, { highWaterMark: CHUNK })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === 'ZSTD_error_frameParameter_windowTooLarge')
      throw badTrace(
        path,
        'its zstd compression has a window of more than 128 MiB',
        'Compress it without "--long=28" or more.',
      )
    if (code.startsWith('ZSTD_')) throw damaged(path, code)
    throw fileFault(error, `The trace ${path} cannot be read`, TRACE_FIELD)
  } finally {
    if (fd !== null) closeSync(fd)
  }
}

async function* decompressed(path: string, fd: number, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < size; ) {
    const frame = zstdFrame(fd, start, size)
    if (!frame) throw damaged(path, `at byte ${start} is no whole frame`)
    if (frame.content) {
      const packed = createReadStream(path, { start, end: frame.end - 1, highWaterMark: CHUNK })
      const decompress = createZstdDecompress({ chunkSize: CHUNK })
      packed.once('error', (error) => decompress.destroy(error))
      try {
        yield* packed.pipe(decompress)
      } finally {
        packed.destroy()
      }
    }
    start = frame.end
  }
}

function damaged(path: string, reason: string): LabError {
  return badTrace(path, `its zstd compression is damaged or cut off (${reason})`, 'Fetch or compress it again.')
}

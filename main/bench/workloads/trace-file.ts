import { once } from 'node:events'
import { createReadStream, type ReadStream, statSync } from 'node:fs'
import { createZstdDecompress } from 'node:zlib'
import { LabError } from '../../contract/index.ts'
import { fileFault } from './corpus-file.ts'

/** Of a zstd frame, RFC 8878 section 3.1.1. */
const ZSTD_MAGIC = [0x28, 0xb5, 0x2f, 0xfd]
/** Bytes read at a time: a trace of any size takes no more memory than a few of these. */
const CHUNK = 2 ** 20

export const TRACE_FIELD = 'workload.access.path'

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
  traceIdentity(path) // of a FIFO the open would wait for a writer
  const file = createReadStream(path, { highWaterMark: CHUNK })
  try {
    if (await beginsAsZstd(file)) {
      const decompress = createZstdDecompress({ chunkSize: CHUNK })
      file.once('error', (error) => decompress.destroy(error))
      yield* file.pipe(decompress)
    } else yield* file
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code.startsWith('ZSTD_') || code === 'Z_BUF_ERROR')
      throw badTrace(path, `its zstd compression is damaged or cut off (${code})`, 'Fetch or compress it again.')
    throw fileFault(error, `The trace ${path} cannot be read`, TRACE_FIELD)
  } finally {
    file.destroy()
  }
}

/** Looks at the first bytes without taking them. */
async function beginsAsZstd(file: ReadStream): Promise<boolean> {
  await Promise.race([once(file, 'readable'), once(file, 'end')])
  const first: Uint8Array | null = file.read()
  if (first === null) return false
  file.unshift(first)
  return ZSTD_MAGIC.every((byte, at) => first[at] === byte)
}

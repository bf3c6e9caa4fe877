import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { LabError } from '../../contract/index.ts'

/** One built file of the interface, whole in memory. */
interface BundleFile {
  readonly body: Buffer<ArrayBuffer>
  readonly type: string
  readonly etag: string
  readonly cacheControl: string
}

/** The built interface, read once: what is not in this table cannot be served, whatever a request's path looks like. */
export interface Bundle {
  readonly paths: readonly string[]
  readonly bytes: number
  /**
   * @param pathname path of the request as sent, percent signs untouched: it is only ever compared, never decoded and
   * never handed to the file system. `/` is the document; its own pages live behind the `#`.
   */
  find(pathname: string): BundleFile | undefined
}

/** The interface is about 2 MiB; a folder beyond this is not a bundle. */
const MAX_BUNDLE_BYTES = 64 * 1024 * 1024

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

/** Vite names files under assets/ after their content, so that they never change. */
const IMMUTABLE = /^\/assets\/.+-[\w-]{8,}\.\w+$/

/**
 * Reads every regular file under `directory` (symbolic links are left out).
 * @throws LabError `unavailable` where there is no bundle, or the folder cannot be one.
 */
export async function readBundle(directory: string): Promise<Bundle> {
  const files = new Map<string, BundleFile>()
  let bytes = 0
  const remedy = 'Run "npm run build" in the folder of Swaplab, then start again.'

  const read = async (folder: string, prefix: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) await read(path, `${prefix}${entry.name}/`)
      const type = TYPES[extname(entry.name)]
      if (!entry.isFile() || type === undefined) continue
      const body = await readFile(path)
      bytes += body.byteLength
      if (bytes > MAX_BUNDLE_BYTES)
        throw new LabError({
          code: 'unavailable',
          message: `${directory} holds more than ${MAX_BUNDLE_BYTES} bytes: this is not the built interface.`,
          remedy,
        })
      const pathname = `${prefix}${entry.name}`
      files.set(pathname, {
        body,
        type,
        etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
        cacheControl: IMMUTABLE.test(pathname) ? 'private, max-age=31536000, immutable' : 'no-cache',
      })
    }
  }

  try {
    await read(directory, '/')
  } catch (error) {
    if (error instanceof LabError) throw error
    throw new LabError(
      { code: 'unavailable', message: `The interface cannot be read from ${directory}.`, remedy },
      { cause: error },
    )
  }
  const page = files.get('/index.html')
  if (page === undefined)
    throw new LabError({
      code: 'unavailable',
      message: `The interface is not built: ${directory} has no index.html.`,
      remedy,
    })

  return {
    paths: [...files.keys()],
    bytes,
    find: (pathname) => (pathname === '/' ? page : files.get(pathname)),
  }
}

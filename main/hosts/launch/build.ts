import { spawn } from 'node:child_process'
import { lstatSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { LabError } from '../../contract/index.ts'

/** The folder of package.json. */
export const ROOT = resolve(import.meta.dirname, '../../..')

/** Newest change under the paths, ms since 1970; folders count, so that a removed file is noticed. 0 where there is nothing. */
function newestChange(paths: readonly string[]): number {
  let newest = 0
  const look = (path: string): void => {
    const entry = lstatSync(path, { throwIfNoEntry: false })
    if (entry === undefined || entry.isSymbolicLink()) return
    newest = Math.max(newest, entry.mtimeMs)
    if (entry.isDirectory()) for (const name of readdirSync(path)) look(join(path, name))
  }
  for (const path of paths) look(path)
  return newest
}

/** True where `product` is missing or older than something it is made from. */
export function isStale(product: string, sources: readonly string[]): boolean {
  const built = statSync(product, { throwIfNoEntry: false })
  return built === undefined || built.mtimeMs < newestChange(sources)
}

/** What a build is made of, and what shows that it was made. */
export interface Build {
  /** For the one line that is printed while it runs. */
  name: string
  product: string
  sources: string[]
  command: string
  args: string[]
  /** What to do where the command is not there. */
  remedy: string
}

const at = (path: string) => join(ROOT, path)
const INTERFACE_SOURCES = ['renderer', 'main/contract', 'package-lock.json'].map(at)

/** `make` itself knows what is stale, and is quick and silent where nothing is. */
export const ADDON: Build = {
  name: 'native addon',
  product: '',
  sources: [],
  command: 'make',
  args: ['-s', '-C', at('native-bench')],
  remedy: 'Install make and a C++20 compiler (Debian: apt-get install g++ make), then start again.',
}

export const INTERFACE: Build = {
  name: 'interface',
  product: at('out/renderer/index.html'),
  sources: INTERFACE_SOURCES,
  command: process.execPath,
  args: [at('node_modules/vite/bin/vite.js'), 'build', '--config', at('renderer/vite.config.ts'), '--logLevel', 'warn'],
  remedy: 'Run "npm ci", then start again.',
}

export const WINDOW: Build = {
  name: 'window',
  product: at('out/main/index.js'),
  sources: [...INTERFACE_SOURCES, ...['main', 'db', 'native-bench/index.ts', 'electron.vite.config.ts'].map(at)],
  command: process.execPath,
  args: [at('node_modules/electron-vite/bin/electron-vite.js'), 'build', '--logLevel', 'warn'],
  remedy: 'Run "npm ci", then start again.',
}

/**
 * Makes the product where it is stale.
 * @throws LabError `unavailable` with the last of what the build said.
 */
export async function bringUpToDate(build: Build, say: (line: string) => void): Promise<void> {
  let announced = false
  const announce = () => {
    if (!announced) say(`Building the ${build.name} …`)
    announced = true
  }
  if (build.product !== '') {
    if (!isStale(build.product, build.sources)) return
    announce()
  }
  let output = ''
  const code = await new Promise<number | null>((done, fail) => {
    const child = spawn(build.command, build.args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
    const keep = (chunk: Buffer) => {
      announce()
      output = (output + chunk.toString()).slice(-8000)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.once('error', (error: NodeJS.ErrnoException) =>
      fail(
        new LabError(
          {
            code: 'unavailable',
            message:
              error.code === 'ENOENT'
                ? `The ${build.name} cannot be built: "${build.command}" is not installed.`
                : `The ${build.name} cannot be built: ${error.message}`,
            remedy: build.remedy,
          },
          { cause: error },
        ),
      ),
    )
    child.once('close', done)
  })
  if (code !== 0)
    throw new LabError({
      code: 'unavailable',
      message: `The ${build.name} could not be built:\n${output.trim()}`,
      remedy: build.remedy,
    })
}

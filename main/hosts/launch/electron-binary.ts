import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import envPaths from 'env-paths'
import { ROOT } from './build.ts'

/** Electron's package fetches its binary when it is first needed, not when it is installed. */
const ELECTRON_PACKAGE = join(ROOT, 'node_modules/electron')

/** 110 MB; a connection that needs longer is not worth waiting for at every start. */
const FETCH_LIMIT_MS = 180_000
/** Time to find out that nobody answers. */
const PROBE_LIMIT_MS = 4_000

export type ElectronBinary = { path: string } | { reason: string }

/** The binary that is here, or null. */
function installedElectron(folder: string = ELECTRON_PACKAGE): string | null {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH
  const pathFile = join(folder, 'path.txt')
  const executable = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : 'electron'
  const binary = join(override ?? join(folder, 'dist'), executable)
  return existsSync(binary) ? binary : null
}

function electronVersion(folder: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '?'
}

/** True where the archive was downloaded before, for another project: it can be unpacked without a network. */
function isCached(version: string): boolean {
  const cache = process.env.electron_config_cache ?? envPaths('electron', { suffix: '' }).cache
  if (!existsSync(cache)) return false
  const archive = `electron-v${version}-${process.platform}-${process.arch}.zip`
  return readdirSync(cache, { recursive: true, encoding: 'utf8' }).some((file) => file.endsWith(archive))
}

/** Where Electron's own downloader would go: a mirror that the person configured, else its releases. */
function downloadOrigin(): string {
  const mirror = process.env.ELECTRON_MIRROR ?? process.env.npm_config_electron_mirror ?? 'https://github.com/'
  return URL.canParse(mirror) ? new URL(mirror).origin : 'https://github.com'
}

export interface FetchSettings {
  folder?: string
  fetchLimitMs?: number
  probeLimitMs?: number
  say: (line: string) => void
}

/** The binary, fetched by Electron's own installer where it is missing. Never throws: a lab without a window is a lab. */
export async function obtainElectron(settings: FetchSettings): Promise<ElectronBinary> {
  const folder = settings.folder ?? ELECTRON_PACKAGE
  const installer = join(folder, 'install.js')
  const present = installedElectron(folder)
  if (present !== null) return { path: present }
  if (!existsSync(installer)) return { reason: 'Electron is not installed (run "npm ci")' }
  if (process.env.ELECTRON_SKIP_BINARY_DOWNLOAD) return { reason: 'ELECTRON_SKIP_BINARY_DOWNLOAD is set' }

  const version = electronVersion(folder)
  if (!isCached(version)) {
    const origin = downloadOrigin()
    // Behind a proxy a direct probe says nothing.
    const proxied = process.env.ELECTRON_GET_USE_PROXY !== undefined
    if (!proxied && !(await answers(origin, settings.probeLimitMs ?? PROBE_LIMIT_MS)))
      return { reason: `Electron's program could not be fetched: ${new URL(origin).host} does not answer` }
    settings.say(`Fetching Electron ${version} (about 110 MB, once) …`)
  }
  const failure = await runInstaller(installer, settings.fetchLimitMs ?? FETCH_LIMIT_MS)
  const fetched = installedElectron(folder)
  if (fetched !== null) return { path: fetched }
  return { reason: `Electron's program could not be fetched: ${failure ?? 'its installer left none'}` }
}

async function answers(origin: string, limitMs: number): Promise<boolean> {
  try {
    await fetch(origin, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(limitMs) })
    return true
  } catch {
    // Whatever the reason, the answer to "can it be fetched from there now" is no.
    return false
  }
}

/** Null where it went well, else why not, in a few words. */
function runInstaller(installer: string, limitMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [installer], { stdio: ['ignore', 'ignore', 'pipe'] })
    let tail = ''
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      child.kill('SIGKILL')
    }, limitMs)
    child.stderr.on('data', (chunk: Buffer) => {
      tail = (tail + chunk.toString()).slice(-4000)
    })
    child.once('error', (error) => {
      clearTimeout(timer)
      resolve(error.message)
    })
    child.once('close', (code) => {
      clearTimeout(timer)
      if (timedOut) return resolve(`it took longer than ${Math.round(limitMs / 1000)} s`)
      resolve(code === 0 ? null : (tail.split('\n').find((line) => line.trim() !== '') ?? `exit code ${code}`))
    })
  })
}

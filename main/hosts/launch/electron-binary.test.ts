import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { obtainElectron } from './electron-binary.ts'

let folder: string
let said: string[]
const settings = () => ({ folder, say: (line: string) => said.push(line), probeLimitMs: 300, fetchLimitMs: 20_000 })

/** An installer that does what the text says, run by Node in the package's folder. */
const installer = (text: string) => writeFileSync(join(folder, 'install.js'), text)
const INSTALLS = `
  const fs = require('node:fs'), path = require('node:path')
  fs.mkdirSync(path.join(__dirname, 'dist')); fs.writeFileSync(path.join(__dirname, 'dist/electron'), '')
  fs.writeFileSync(path.join(__dirname, 'path.txt'), 'electron')`

async function listen(server: ReturnType<typeof createServer> | ReturnType<typeof createTcpServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}/`
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swaplab-electron-'))
  writeFileSync(join(folder, 'package.json'), '{"version":"0.0.0"}')
  said = []
  vi.stubEnv('electron_config_cache', join(folder, 'cache'))
  vi.stubEnv('ELECTRON_SKIP_BINARY_DOWNLOAD', undefined)
  vi.stubEnv('ELECTRON_OVERRIDE_DIST_PATH', undefined)
  vi.stubEnv('ELECTRON_GET_USE_PROXY', undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

describe("Electron's program", () => {
  test('that is there is taken, without a word', async () => {
    mkdirSync(join(folder, 'dist'))
    writeFileSync(join(folder, 'dist/electron'), '')
    writeFileSync(join(folder, 'path.txt'), 'electron')
    expect(await obtainElectron(settings())).toEqual({ path: join(folder, 'dist/electron') })
    expect(said).toEqual([])
  })

  test('is not fetched from where nobody answers: refused, or silent', async () => {
    installer('throw new Error("the installer was started")')
    vi.stubEnv('ELECTRON_MIRROR', 'http://127.0.0.1:1/')
    expect(await obtainElectron(settings())).toEqual({
      reason: "Electron's program could not be fetched: 127.0.0.1:1 does not answer",
    })
    const silent = createTcpServer()
    vi.stubEnv('ELECTRON_MIRROR', await listen(silent))
    expect(await obtainElectron(settings())).toMatchObject({ reason: expect.stringContaining('does not answer') })
    silent.close()
    expect(said).toEqual([])
  })

  describe('where the mirror answers', () => {
    const mirror = createServer((_request, response) => response.end())
    beforeEach(async () => vi.stubEnv('ELECTRON_MIRROR', await listen(mirror)))
    afterEach(() => {
      mirror.close()
      mirror.closeAllConnections()
    })

    test('is fetched, and one line says so', async () => {
      installer(INSTALLS)
      expect(await obtainElectron(settings())).toEqual({ path: join(folder, 'dist/electron') })
      expect(said).toEqual([expect.stringMatching(/^Fetching Electron 0\.0\.0/)])
    })

    test('is given up when its installer fails, with its first words', async () => {
      installer('console.error("no such release\\n  at somewhere"); process.exit(1)')
      expect(await obtainElectron(settings())).toEqual({
        reason: "Electron's program could not be fetched: no such release",
      })
    })

    test('is given up when it takes too long', async () => {
      installer('setInterval(() => {}, 1000)')
      expect(await obtainElectron({ ...settings(), fetchLimitMs: 200 })).toMatchObject({
        reason: expect.stringContaining('took longer than'),
      })
    })
  })

  test('that was downloaded before needs no network', async () => {
    mkdirSync(join(folder, 'cache/abc'), { recursive: true })
    writeFileSync(join(folder, `cache/abc/electron-v0.0.0-${process.platform}-${process.arch}.zip`), '')
    vi.stubEnv('ELECTRON_MIRROR', 'http://127.0.0.1:1/')
    installer(INSTALLS)
    expect(await obtainElectron(settings())).toEqual({ path: join(folder, 'dist/electron') })
    expect(said).toEqual([])
  })

  test('is not fetched against the wish of the person', async () => {
    installer('throw new Error("the installer was started")')
    vi.stubEnv('ELECTRON_SKIP_BINARY_DOWNLOAD', '1')
    expect(await obtainElectron(settings())).toEqual({ reason: 'ELECTRON_SKIP_BINARY_DOWNLOAD is set' })
  })
})

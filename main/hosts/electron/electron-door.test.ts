import { EventEmitter } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { ContractRouterClient } from '@orpc/contract'
import { implement } from '@orpc/server'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { contract, type LabContract } from '../../contract/index.ts'
import { type Bundle, CONTENT_SECURITY_POLICY } from '../bundle/index.ts'
import { APP_URL, isAppUrl } from './app-origin.ts'
import { answerAppRequest, declareAppScheme } from './app-protocol.ts'
import { ASK_FOR_PORT, HERE_IS_PORT, PORT_MESSAGE } from './channels.ts'

/**
 * Electron cannot be started on every machine that builds this, so each rule of its door is held here against a stand-in
 * of the module; the same end-to-end suite runs on the real one wherever its binary is found.
 */
const electron = vi.hoisted(() => ({
  ports: [] as { port1: unknown; port2: unknown }[],
  forked: [] as { entry: string; options: unknown; child: unknown }[],
  makeChild: null as null | (() => unknown),
  sent: [] as string[],
  onIpc: new Map<string, (event: unknown) => void>(),
}))
vi.mock('electron', () => ({
  MessageChannelMain: class {
    port1: unknown
    port2: unknown
    constructor() {
      const { port1, port2 } = new MessageChannel()
      this.port1 = Object.assign(port1, { start: port1.start.bind(port1) })
      this.port2 = port2
      electron.ports.push({ port1, port2 })
    }
  },
  utilityProcess: {
    fork: (entry: string, _args: string[], options: unknown) => {
      const child = electron.makeChild?.()
      electron.forked.push({ entry, options, child })
      return child
    },
  },
  ipcRenderer: {
    send: (channel: string) => electron.sent.push(channel),
    on: (channel: string, listener: (event: unknown) => void) => electron.onIpc.set(channel, listener),
  },
}))
const { handOutPorts, isOwnFrame } = await import('./lab-port.ts')
const { lockContents, lockSession } = await import('./lockdown.ts')
const { startUtilityEngine } = await import('./utility-engine.ts')

beforeEach(() => {
  electron.ports.length = 0
  electron.forked.length = 0
})

const FOREIGN = [
  'https://evil.example/',
  'http://swaplab/',
  'app://swaplab.evil/',
  'app://evil/',
  'app://user@swaplab/',
  'app://swaplab:1/',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'data:text/html,x',
  'about:blank',
  '',
]

describe("the app's own address", () => {
  test.each([APP_URL, 'app://swaplab/index.html', 'app://swaplab/#/runs/42'])('%s', (url) =>
    expect(isAppUrl(url)).toBe(true),
  )
  test.each(FOREIGN)('not %j', (url) => expect(isAppUrl(url)).toBe(false))
})

describe('app://', () => {
  const page = { body: Buffer.from('page'), type: 'text/html', etag: '"1"', cacheControl: 'no-cache' }
  const bundle: Bundle = { paths: ['/index.html'], bytes: 4, find: (path) => (path === '/' ? page : undefined) }
  const answer = answerAppRequest(bundle)

  test('is declared standard and secure, with no way around the policy', () => {
    const declared: unknown[] = []
    declareAppScheme({ registerSchemesAsPrivileged: (schemes) => declared.push(...schemes) })
    expect(declared).toEqual([{ scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } }])
  })

  test('answers a file of the bundle under the policy of the web door', async () => {
    const response = answer({ url: APP_URL, method: 'GET' })
    expect(await response.text()).toBe('page')
    expect(response.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test.each(['app://swaplab/../secret', 'app://swaplab/%2e%2e/secret', 'app://swaplab/etc/passwd', ...FOREIGN])(
    'has nothing at %j',
    (url) => expect(answer({ url, method: 'GET' }).status).toBe(404),
  )

  test('is only read', () => expect(answer({ url: APP_URL, method: 'POST' }).status).toBe(405))
})

describe('the window', () => {
  function contents() {
    const emitter = new EventEmitter()
    let openHandler: () => unknown = () => ({ action: 'allow' })
    lockContents(
      Object.assign(emitter, {
        setWindowOpenHandler: (handler: () => unknown) => {
          openHandler = handler
        },
      }) as never,
    )
    const prevented = (event: string, details: object) => {
      const preventDefault = vi.fn()
      emitter.emit(event, { preventDefault, ...details })
      return preventDefault.mock.calls.length > 0
    }
    return { prevented, open: () => openHandler() }
  }

  test.each(FOREIGN)('does not go to %j, by itself or by redirection', (url) => {
    const { prevented } = contents()
    expect(prevented('will-navigate', { url })).toBe(true)
    expect(prevented('will-redirect', { url })).toBe(true)
    expect(prevented('will-frame-navigate', { url, isMainFrame: true })).toBe(true)
  })

  test('may go around inside the app', () => {
    const { prevented } = contents()
    expect(prevented('will-navigate', { url: APP_URL })).toBe(false)
    expect(prevented('will-frame-navigate', { url: APP_URL, isMainFrame: true })).toBe(false)
  })

  test('has no frames, opens no windows and attaches no webviews', () => {
    const { prevented, open } = contents()
    expect(prevented('will-frame-navigate', { url: APP_URL, isMainFrame: false })).toBe(true)
    expect(prevented('will-attach-webview', {})).toBe(true)
    expect(open()).toEqual({ action: 'deny' })
  })
})

describe('the session', () => {
  function locked() {
    const handlers: Record<string, (...args: never[]) => unknown> = {}
    const set = (name: string) => (handler: (...args: never[]) => unknown) => {
      handlers[name] = handler
    }
    lockSession({
      setPermissionRequestHandler: set('request'),
      setPermissionCheckHandler: set('check'),
      setDevicePermissionHandler: set('device'),
      webRequest: { onBeforeRequest: set('network') },
    } as never)
    const call = (name: string, ...args: unknown[]) => handlers[name](...(args as never[]))
    return {
      requested(permission: string, requestingUrl: string, isMainFrame = true) {
        const decide = vi.fn()
        call('request', null, permission, decide, { isMainFrame, requestingUrl })
        return decide.mock.calls[0][0]
      },
      checked: (permission: string, origin: string) => call('check', null, permission, origin, {}),
      device: () => call('device', {}),
      cancelled(url: string) {
        const decide = vi.fn()
        call('network', { url }, decide)
        return decide.mock.calls[0][0].cancel
      },
    }
  }

  test.each([
    'media',
    'geolocation',
    'notifications',
    'openExternal',
    'clipboard-read',
    'fileSystem',
    'usb',
    'unknown',
  ])('denies %s, asked or checked', (permission) => {
    expect(locked().requested(permission, APP_URL)).toBe(false)
    expect(locked().checked(permission, APP_URL)).toBe(false)
  })

  test('lets the app put text on the clipboard, and nobody else', () => {
    expect(locked().requested('clipboard-sanitized-write', APP_URL)).toBe(true)
    expect(locked().checked('clipboard-sanitized-write', APP_URL)).toBe(true)
    expect(locked().requested('clipboard-sanitized-write', APP_URL, false)).toBe(false)
    for (const url of FOREIGN) {
      expect(locked().requested('clipboard-sanitized-write', url)).toBe(false)
      expect(locked().checked('clipboard-sanitized-write', url)).toBe(false)
    }
  })

  test('gives no device', () => expect(locked().device()).toBe(false))

  test.each(['https://evil.example/', 'http://127.0.0.1/', 'ws://127.0.0.1/', 'file:///etc/passwd', 'nonsense'])(
    'sends nothing to %s',
    (url) => expect(locked().cancelled(url)).toBe(true),
  )

  test('reaches the app itself', () => expect(locked().cancelled('app://swaplab/index.html')).toBe(false))
})

describe('the port', () => {
  const frameAt = (url: string, parent: unknown = null) => ({ url, parent, postMessage: vi.fn() })
  const os = implement(contract)
  const router = { about: os.about.handler(() => ({ version: '1', dataDir: '/d', door: 'electron' as const })) }

  function ask(frame: ReturnType<typeof frameAt> | null) {
    const ipc = new EventEmitter()
    handOutPorts(ipc as never, router)
    ipc.emit(ASK_FOR_PORT, { senderFrame: frame })
  }
  afterEach(() => {
    for (const { port1 } of electron.ports) (port1 as MessagePort).close()
  })

  test('is given to the top frame of the app, and carries the contract', async () => {
    const frame = frameAt(APP_URL)
    ask(frame)
    expect(frame.postMessage).toHaveBeenCalledWith(HERE_IS_PORT, null, [electron.ports[0].port2])
    const port = electron.ports[0].port2 as MessagePort
    const lab: ContractRouterClient<LabContract> = createORPCClient(new RPCLink({ port }))
    port.start()
    expect(await lab.about({})).toEqual({ version: '1', dataDir: '/d', door: 'electron' })
  })

  test.each(FOREIGN)('is refused to a frame at %j', (url) => {
    const frame = frameAt(url)
    ask(frame)
    expect(frame.postMessage).not.toHaveBeenCalled()
    expect(electron.ports).toHaveLength(0)
  })

  test('is refused to a frame inside the app, and to one that is gone', () => {
    expect(isOwnFrame(frameAt(APP_URL, {}) as never)).toBe(false)
    expect(isOwnFrame(null)).toBe(false)
    ask(null)
    expect(electron.ports).toHaveLength(0)
  })

  test('is asked for once the page listens, and handed to it with nothing of Electron', async () => {
    const listeners = new Map<string, () => void>()
    const postMessage = vi.fn()
    vi.stubGlobal('window', {
      addEventListener: (name: string, listener: () => void) => listeners.set(name, listener),
      postMessage,
    })
    await import('./preload.ts')
    expect(electron.sent).toEqual([])
    listeners.get('DOMContentLoaded')?.()
    expect(electron.sent).toEqual([ASK_FOR_PORT])
    electron.onIpc.get(HERE_IS_PORT)?.({ ports: ['port'] })
    expect(postMessage).toHaveBeenCalledWith(PORT_MESSAGE, '*', ['port'])
    vi.unstubAllGlobals()
  })
})

describe('the engine in a utilityProcess', () => {
  class Child extends EventEmitter {
    pid: number | undefined
    stderr = new EventEmitter()
    postMessage = vi.fn()
    kill = vi.fn()
  }
  function start() {
    const child = new Child()
    electron.makeChild = () => child
    const engine = startUtilityEngine('/out/main/engine.js')
    return { child, engine }
  }

  test('is a process of its own, with its own last words', () => {
    const { child, engine } = start()
    expect(electron.forked[0].entry).toBe('/out/main/engine.js')
    child.pid = 4711
    child.emit('spawn')
    child.pid = undefined
    expect(engine.pid).toBe(4711)
    child.stderr.emit('data', Buffer.from('x'.repeat(10_000)))
    child.stderr.emit('data', Buffer.from('the end'))
    expect(engine.stderr?.()).toMatch(/the end$/)
    expect(engine.stderr?.().length).toBeLessThanOrEqual(4096)
  })

  test('is spoken to until it ends, and its end is told once, also to who asks later', async () => {
    const { child, engine } = start()
    const messages: unknown[] = []
    const exits: unknown[] = []
    engine.onMessage((message) => messages.push(message))
    engine.onExit((code) => exits.push(code))
    engine.send({ kind: 'cancel' })
    child.emit('message', { kind: 'ready' })
    child.emit('exit', 9)
    await expect.poll(() => exits).toEqual([9])
    engine.onExit((code) => exits.push(code))
    await expect.poll(() => exits).toEqual([9, 9])
    engine.send({ kind: 'cancel' })
    engine.kill()
    expect(child.postMessage).toHaveBeenCalledTimes(1)
    expect(child.kill).not.toHaveBeenCalled()
    expect(messages).toEqual([{ kind: 'ready' }])
  })

  test('is asked to end with SIGTERM, and made to with SIGKILL', () => {
    const { child, engine } = start()
    const killed = vi.spyOn(process, 'kill').mockReturnValue(true)
    engine.kill()
    expect(child.kill).toHaveBeenCalledOnce()
    child.pid = 4711
    child.emit('spawn')
    engine.kill('SIGKILL')
    expect(killed).toHaveBeenCalledWith(4711, 'SIGKILL')
    killed.mockRestore()
  })
})

describe('the window’s settings', () => {
  // The file that makes the window runs on import, so it is read and not run.
  const source = readFileSync(join(import.meta.dirname, 'index.ts'), 'utf8')

  test.each([
    'sandbox: true',
    'contextIsolation: true',
    'nodeIntegration: false',
    'webSecurity: true',
    'webviewTag: false',
    'app.enableSandbox()',
    'app.requestSingleInstanceLock()',
    "app.on('web-contents-created', (_event, contents) => lockContents(contents))",
    'lockSession(session.defaultSession)',
  ])('say %s', (setting) => expect(source).toContain(setting))

  test.each([
    'no-sandbox',
    'allowRunningInsecureContent',
    'experimentalFeatures',
    'enableBlinkFeatures',
    'disableWebSecurity',
    'ignore-certificate',
    'openExternal',
    'exposeInMainWorld',
    'file://',
  ])('never say %s, in no file of this door', (setting) => {
    const files = readdirSync(import.meta.dirname).filter((name) => !name.endsWith('.test.ts'))
    expect(files).toContain('index.ts')
    for (const name of files) expect(readFileSync(join(import.meta.dirname, name), 'utf8'), name).not.toContain(setting)
  })
})

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import { implement } from '@orpc/server'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { contract, type LabContract, LabError } from '../../contract/index.ts'
import { CONTENT_SECURITY_POLICY } from '../bundle/index.ts'
import type { OpenLab } from './node-lab.ts'
import { type ServedLab, type ServeOptions, serve } from './serve.ts'

let folder: string
let bundleDir: string
const open: ServedLab[] = []
/** What the lab did, in order; the router has just the procedures the door is tested with. */
let events: string[] = []

const os = implement(contract)
const router = {
  about: os.about.handler(() => ({ version: '0', dataDir: folder, door: 'web' as const })),
  runs: {
    import: os.runs.import.handler(() => {
      throw new Error('not reached with what these tests send')
    }),
    watch: os.runs.watch.handler(async function* ({ signal }) {
      events.push('watched')
      try {
        await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('left'))))
      } finally {
        events.push('watcher left')
      }
    }),
  },
}
const openLab = async (): Promise<OpenLab> => ({
  router,
  close: async () => {
    events.push('lab closed')
  },
})

async function start(options: Partial<ServeOptions> = {}) {
  const addresses: string[] = []
  const lines: string[] = []
  const served = await serve({
    dataDir: folder,
    bundleDir,
    openLab,
    onAddress: (url) => addresses.push(url),
    log: (line) => lines.push(line),
    ...options,
  })
  open.push(served)
  return { ...served, addresses, lines }
}
type Started = Awaited<ReturnType<typeof start>>

/** A browser that has come in: its cookie. */
async function enter(served: Started, url = served.url): Promise<string> {
  const response = await fetch(url, { redirect: 'manual' })
  expect(response.status).toBe(303)
  return (response.headers.get('set-cookie') ?? '').split(';')[0]
}

/** Sends bytes as they are: no client tidies the path or adds a header. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    let answer = ''
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')))
    socket.on('end', () => resolve(answer))
    socket.on('error', reject)
    socket.setTimeout(5000, () => socket.destroy(new Error(`no end of the answer: ${answer}`)))
  })
}
const statusOf = (answer: string) => Number(answer.split(' ', 2)[1])

/** Status of the upgrade: 101, or the refusal's. */
function upgrade(served: Started, headers: Record<string, string>, path = '/rpc'): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${served.port}${path}`, { headers })
    socket.on('open', () => {
      resolve(101)
      socket.terminate()
    })
    socket.on('unexpected-response', (request, response) => {
      resolve(response.statusCode ?? 0)
      request.destroy()
    })
    socket.on('error', reject)
  })
}

async function connected(served: Started, cookie: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${served.port}/rpc`, { headers: { cookie, origin: served.origin } })
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  return socket
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'swaplab-web-'))
  bundleDir = join(folder, 'bundle')
  mkdirSync(join(bundleDir, 'assets'), { recursive: true })
  writeFileSync(join(bundleDir, 'index.html'), '<!doctype html><title>lab</title>')
  writeFileSync(join(bundleDir, 'assets/app-0a1B2c3D.js'), 'console.log(1)')
  writeFileSync(join(folder, 'secret.txt'), 'SECRET')
  symlinkSync(join(folder, 'secret.txt'), join(bundleDir, 'link.html'))
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((served) => served.close()))
  events = []
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('coming in', () => {
  test('the one-time address gives a cookie and leads to the front page', async () => {
    const served = await start()
    const response = await fetch(served.url, { redirect: 'manual' })
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe('/')
    const cookie = response.headers.get('set-cookie') ?? ''
    expect(cookie).toContain(`swaplab-${served.port}=`)
    expect(cookie).toContain('HttpOnly')
    expect(cookie).toContain('SameSite=Strict')
    expect(cookie).not.toContain('Secure')
    const page = await fetch(served.origin, { headers: { cookie: cookie.split(';')[0] } })
    expect(await page.text()).toContain('<title>lab</title>')
  })

  test('/enter takes the token as well', async () => {
    const served = await start()
    await enter(served, served.url.replace('/?', '/enter?'))
  })

  test('behind a proxy with https the cookie is Secure', async () => {
    const served = await start({ publicOrigin: 'https://lab.example' })
    const answer = await raw(
      served.port,
      `GET ${new URL(served.url).pathname}${new URL(served.url).search} HTTP/1.1\r\nhost: lab.example\r\nconnection: close\r\n\r\n`,
    )
    expect(statusOf(answer)).toBe(303)
    expect(answer).toMatch(/set-cookie: .*; Secure/i)
  })

  test('from another site the page itself takes the last step, so that the strict cookie is sent', async () => {
    const served = await start()
    const response = await fetch(served.url, { redirect: 'manual', headers: { 'sec-fetch-site': 'cross-site' } })
    expect(response.status).toBe(200)
    expect(response.headers.get('set-cookie')).toContain('SameSite=Strict')
    expect(await response.text()).toContain('http-equiv="refresh"')
  })

  test('a used address is refused, and the next one is printed', async () => {
    const served = await start()
    await enter(served)
    const again = await fetch(served.url, { redirect: 'manual' })
    expect(again.status).toBe(401)
    expect(again.headers.get('set-cookie')).toBeNull()
    expect(await again.text()).toContain('fresh one')
    expect(served.addresses).toHaveLength(3)
    await enter(served, served.addresses[2])
  })

  test('where nobody takes the next address, it is logged', async () => {
    const served = await start({ onAddress: undefined })
    expect(served.lines).toEqual([])
    await enter(served)
    const next = /http:\S+/.exec(served.lines.join())?.[0] ?? ''
    await enter(served, next)
  })

  test('an address that is too old is refused, and the next one is printed', async () => {
    const served = await start({ tokenLifetimeMs: 0 })
    expect((await fetch(served.url, { redirect: 'manual' })).status).toBe(401)
    expect(served.addresses).toHaveLength(2)
  })

  test('a guess is refused and prints nothing', async () => {
    const served = await start()
    for (const token of ['', 'guess', 'A'.repeat(43)])
      expect((await fetch(`${served.origin}/?token=${token}`, { redirect: 'manual' })).status).toBe(401)
    expect(served.addresses).toHaveLength(1)
  })

  test('a link preview (HEAD) does not spend the address', async () => {
    const served = await start()
    expect((await fetch(served.url, { method: 'HEAD', redirect: 'manual' })).status).toBe(401)
    await enter(served)
  })

  test('without a cookie every path answers 401 with a page that says what to do', async () => {
    const served = await start()
    for (const path of ['/', '/index.html', '/assets/app-0a1B2c3D.js', '/nothing']) {
      const response = await fetch(served.origin + path)
      expect(response.status).toBe(401)
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(await response.text()).toContain('printed in the terminal')
    }
  })

  test('a made-up cookie, and the cookie of another lab, are worth nothing', async () => {
    const [one, two] = [await start(), await start()]
    const value = (await enter(one)).split('=')[1]
    for (const cookie of [`swaplab-${two.port}=${value}`, `swaplab-${two.port}=`, 'swaplab=1'])
      expect((await fetch(two.origin, { headers: { cookie } })).status).toBe(401)
  })

  test('an idle session ends', async () => {
    const served = await start({ sessionIdleMs: -1 })
    const cookie = await enter(served)
    expect((await fetch(served.origin, { headers: { cookie } })).status).toBe(401)
  })
})

describe('files', () => {
  test('every answer carries the policy', async () => {
    const served = await start()
    const cookie = await enter(served)
    const answers = await Promise.all([
      fetch(served.origin),
      fetch(served.origin, { headers: { cookie } }),
      fetch(`${served.origin}/assets/app-0a1B2c3D.js`, { headers: { cookie } }),
      fetch(`${served.origin}/nothing`, { headers: { cookie } }),
      fetch(served.origin, { method: 'POST' }),
    ])
    for (const { headers } of answers) {
      expect(headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
      expect(headers.get('access-control-allow-origin')).toBeNull()
    }
  })

  test('the policy forbids inline script, framing and every other origin', () => {
    expect(CONTENT_SECURITY_POLICY).toContain("script-src 'self';")
    expect(CONTENT_SECURITY_POLICY).toContain("frame-ancestors 'none'")
    expect(CONTENT_SECURITY_POLICY).not.toMatch(/https?:|\*|unsafe-eval|script-src[^;]*unsafe/)
  })

  test('hashed assets may be kept for ever, the document is asked for each time', async () => {
    const served = await start()
    const cookie = await enter(served)
    const asset = await fetch(`${served.origin}/assets/app-0a1B2c3D.js`, { headers: { cookie } })
    expect(asset.headers.get('cache-control')).toContain('immutable')
    expect(asset.headers.get('content-type')).toContain('text/javascript')
    const page = await fetch(served.origin, { headers: { cookie } })
    expect(page.headers.get('cache-control')).toBe('no-cache')
    const etag = page.headers.get('etag') ?? ''
    expect((await fetch(served.origin, { headers: { cookie, 'if-none-match': etag } })).status).toBe(304)
  })

  test.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%2fsecret.txt',
    '/..%5csecret.txt',
    '/..\\secret.txt',
    '/assets/..%252f..%252fsecret.txt',
    '/%c0%ae%c0%ae/secret.txt',
    '//secret.txt',
    '/./../secret.txt',
    '/assets/%00/../../secret.txt',
    '/index.html%00.js',
    '/link.html',
    '/assets',
    '/assets/',
    'file:///etc/passwd',
    '/etc/passwd',
    '/__proto__',
    '/constructor',
  ])('nothing outside the bundle: %s', async (path) => {
    const served = await start()
    const cookie = await enter(served)
    const answer = await raw(
      served.port,
      `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${served.port}\r\ncookie: ${cookie}\r\nconnection: close\r\n\r\n`,
    )
    expect([400, 404]).toContain(statusOf(answer))
    expect(answer).not.toContain('SECRET')
    expect(answer).not.toContain('root:')
  })
})

describe('other sites', () => {
  test.each(['evil.example', 'evil.example:PORT', '127.0.0.1', '127.0.0.1:1', 'localhost.evil.example:PORT'])(
    'a request for %s is refused, cookie or not (DNS rebinding)',
    async (host) => {
      const served = await start()
      const cookie = await enter(served)
      const answer = await raw(
        served.port,
        `GET / HTTP/1.1\r\nhost: ${host.replace('PORT', String(served.port))}\r\ncookie: ${cookie}\r\nconnection: close\r\n\r\n`,
      )
      expect(statusOf(answer)).toBe(403)
      expect(answer).not.toContain('<title>lab</title>')
    },
  )

  test('a wrong name does not spend a token', async () => {
    const served = await start()
    const { pathname, search } = new URL(served.url)
    await raw(served.port, `GET ${pathname}${search} HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n`)
    await enter(served)
  })

  test('a request without a Host, or with two, is refused', async () => {
    const served = await start()
    expect(statusOf(await raw(served.port, 'GET / HTTP/1.1\r\nconnection: close\r\n\r\n'))).toBe(400)
    expect(statusOf(await raw(served.port, 'GET / HTTP/1.0\r\n\r\n'))).toBe(400)
  })

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s from another site is refused', async (method) => {
    const served = await start()
    const cookie = await enter(served)
    const response = await fetch(served.origin, { method, headers: { cookie, origin: 'http://evil.example' } })
    expect(response.status).toBe(403)
    expect((await fetch(served.origin, { method, headers: { cookie } })).status).toBe(403)
    expect((await fetch(served.origin, { method, headers: { cookie, origin: served.origin } })).status).toBe(405)
  })
})

describe('the socket', () => {
  test('carries the contract', async () => {
    const served = await start()
    const socket = await connected(served, await enter(served))
    const lab: ContractRouterClient<LabContract> = createORPCClient(new RPCLink({ websocket: socket as never }))
    expect(await lab.about({})).toEqual({ version: '0', dataDir: folder, door: 'web' })
    socket.terminate()
  })

  test('opens for the lab’s own page with its cookie, and for nothing less', async () => {
    const served = await start()
    const cookie = await enter(served)
    const { origin } = served
    expect(await upgrade(served, { cookie, origin })).toBe(101)
    expect(await upgrade(served, { origin })).toBe(401)
    expect(await upgrade(served, { cookie: `${cookie}x`, origin })).toBe(401)
    expect(await upgrade(served, { cookie })).toBe(403)
    expect(await upgrade(served, { cookie, origin: 'http://evil.example' })).toBe(403)
    expect(await upgrade(served, { cookie, origin: 'null' })).toBe(403)
    expect(await upgrade(served, { cookie, origin: `http://localhost:${served.port}` })).toBe(403)
    expect(await upgrade(served, { cookie, origin, 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await upgrade(served, { cookie, origin, host: 'evil.example' })).toBe(403)
    expect(await upgrade(served, { cookie, origin }, '/other')).toBe(404)
  })

  test('a message that is too big ends that socket and no other', async () => {
    const served = await start({ sockets: { messageBytes: 1024 } })
    const cookie = await enter(served)
    const [big, small] = [await connected(served, cookie), await connected(served, cookie)]
    const code = new Promise((resolve) => big.once('close', resolve))
    big.send('x'.repeat(2048))
    expect(await code).toBe(1009)
    expect(small.readyState).toBe(WebSocket.OPEN)
  })

  test.each([
    ['', 1007],
    ['{', 1007],
    ['null', 1007],
    ['[]', 1007],
    ['{"i":1}', 1007],
    ['{"i":"1"}', 1007],
    ['{"i":"1","t":3,"p":null}', 1007],
    ['{"i":"1","p":{"u":"nowhere"}}', 1007],
    ['{"i":"1","p":{"u":"/about","h":{"content-type":"multipart/form-data"}}}', 1007],
    ['\0'.repeat(64), 1007],
    [Buffer.from([255, 254, 0]), 1003],
  ])('rubbish (%j) closes its socket with %i and one line, and disturbs no other', async (rubbish, expected) => {
    const complaints = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const served = await start()
    const cookie = await enter(served)
    const [rude, polite] = [await connected(served, cookie), await connected(served, cookie)]
    const lab: ContractRouterClient<LabContract> = createORPCClient(new RPCLink({ websocket: polite as never }))
    const code = new Promise((resolve) => rude.once('close', resolve))
    for (let twice = 0; twice < 2; twice++) rude.send(rubbish)
    expect(await code).toBe(expected)
    expect((await lab.about({})).door).toBe('web')
    expect(served.lines).toEqual([expect.stringMatching(/^socket: closed, [^\n]{1,100}$/)])
    expect(complaints).not.toHaveBeenCalled()
    complaints.mockRestore()
  })

  test('more connections than allowed are refused', async () => {
    const served = await start({ sockets: { connections: 1 } })
    const cookie = await enter(served)
    await connected(served, cookie)
    expect(await upgrade(served, { cookie, origin: served.origin })).toBe(503)
  })

  test('one that does not answer a ping is ended', async () => {
    const served = await start({ sockets: { heartbeatMs: 20 } })
    const cookie = await enter(served)
    // Speaks just enough to be upgraded, and never answers a frame.
    const deaf = connect(served.port, '127.0.0.1', () =>
      deaf.write(
        `GET /rpc HTTP/1.1\r\nhost: 127.0.0.1:${served.port}\r\norigin: ${served.origin}\r\ncookie: ${cookie}\r\n` +
          'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n',
      ),
    )
    let received = Buffer.alloc(0)
    deaf.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
    })
    deaf.on('error', () => undefined)
    await new Promise((resolve) => deaf.once('close', resolve))
    expect(received.toString('latin1')).toMatch(/^HTTP\/1\.1 101/)
    const PING = 0x89
    expect(received.subarray(received.indexOf('\r\n\r\n') + 4)[0]).toBe(PING)
  })

  test('one that answers stays', async () => {
    const served = await start({ sockets: { heartbeatMs: 10 } })
    const socket = await connected(served, await enter(served))
    for (let pings = 0; pings < 5; pings++) await new Promise((resolve) => socket.once('ping', resolve))
    expect(socket.readyState).toBe(WebSocket.OPEN)
  })

  test('when a browser leaves, what it watched is let go', async () => {
    const served = await start()
    const socket = await connected(served, await enter(served))
    const lab: ContractRouterClient<LabContract> = createORPCClient(new RPCLink({ websocket: socket as never }))
    const watched = await lab.runs.watch({ id: 'r' })
    const next = watched.next().catch(() => undefined)
    await expect.poll(() => events).toContain('watched')
    socket.terminate()
    await expect.poll(() => events).toContain('watcher left')
    await next
  })
})

describe('starting and ending', () => {
  test('listens on loopback only unless told otherwise', async () => {
    const served = await start()
    expect(served.origin).toBe(`http://127.0.0.1:${served.port}`)
    expect(served.lines).toEqual([])
  })

  test('opened to the network it warns, and says what is safer', async () => {
    const served = await start({ host: '0.0.0.0' })
    expect(served.lines.join()).toMatch(/Warning: 0\.0\.0\.0 .*ssh -L/)
  })

  test('a port in use is refused with a remedy, before the history is opened', async () => {
    const served = await start()
    let opened = false
    const second = serve({
      dataDir: folder,
      bundleDir,
      port: served.port,
      openLab: async () => {
        opened = true
        return openLab()
      },
    })
    await expect(second).rejects.toMatchObject({ code: 'unavailable', remedy: expect.stringContaining('--port') })
    expect(opened).toBe(false)
  })

  test.each(['192.0.2.1', '999.1.1.1', 'no such host', '', '127.0.0.1:80', '\u{1f980}'])(
    'an address that is none of this machine (%j) is refused',
    async (host) => {
      await expect(start({ host })).rejects.toMatchObject({ code: 'bad_input', field: 'host' })
    },
  )

  test('nothing is built for a port in use; for another it is built before the lab is opened, and while the port is held', async () => {
    const { port } = await start()
    const prepare = async () => void events.push('built')
    await expect(start({ port, prepare })).rejects.toMatchObject({ code: 'unavailable', field: 'port' })
    expect(events).toEqual([])
    const opening = async () => {
      events.push('opened')
      return openLab()
    }
    await start({ prepare, openLab: opening })
    expect(events).toEqual(['built', 'opened'])
  })

  test('a build that fails frees the port', async () => {
    const probe = await start()
    await probe.close()
    const fault = new LabError({ code: 'unavailable', message: 'no compiler' })
    await expect(start({ port: probe.port, prepare: () => Promise.reject(fault) })).rejects.toBe(fault)
    expect((await start({ port: probe.port })).port).toBe(probe.port)
  })

  test('without a bundle it says how to build it', async () => {
    for (const missing of [join(folder, 'none'), folder])
      await expect(start({ bundleDir: missing })).rejects.toMatchObject({
        code: 'unavailable',
        remedy: expect.stringContaining('npm run build'),
      })
  })

  test('a lab that cannot be opened frees the port', async () => {
    const probe = await start()
    const { port } = probe
    await probe.close()
    const fault = new LabError({ code: 'busy', message: 'another lab has this history' })
    await expect(start({ port, openLab: () => Promise.reject(fault) })).rejects.toBe(fault)
    expect((await start({ port })).port).toBe(port)
  })

  test('closing says goodbye to browsers, ends the lab once, and frees the port', async () => {
    const served = await start()
    const socket = await connected(served, await enter(served))
    const code = new Promise((resolve) => socket.once('close', resolve))
    await Promise.all([served.close(), served.close()])
    expect(await code).toBe(1001)
    expect(events.filter((event) => event === 'lab closed')).toHaveLength(1)
    await expect(fetch(served.origin)).rejects.toThrow()
  })
})

import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize, resolve } from 'node:path'
import { RPCHandler } from '@orpc/server/ws'
import { WebSocketServer } from 'ws'
import { fixtureRouter, type Scenario } from './router.ts'

/** Serves the built window with the fixture behind it, under the content security policy of the real doors. */

const CSP = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'"
const BUNDLE = resolve(import.meta.dirname, '../../out/renderer')
const MIME: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}
const SCENARIOS = ['full', 'empty', 'many', 'broken'] as const satisfies readonly Scenario[]

/** @param port 0: a free one */
export function serveFixture(scenario: Scenario, port: number): Promise<{ origin: string; close: () => void }> {
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://fixture').pathname))
    const file = join(BUNDLE, path === '/' ? 'index.html' : path)
    try {
      if (!file.startsWith(BUNDLE)) throw new Error('outside of the bundle')
      const body = await readFile(file)
      response.writeHead(200, {
        'content-type': MIME[extname(file)] ?? 'application/octet-stream',
        'content-security-policy': CSP,
      })
      response.end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  const handler = new RPCHandler(fixtureRouter(scenario))
  const sockets = new WebSocketServer({ server, path: '/rpc' })
  sockets.on('connection', (socket) => void handler.upgrade(socket))
  const close = () => {
    for (const socket of sockets.clients) socket.terminate()
    server.close()
  }
  return new Promise((done) =>
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      if (address === null || typeof address === 'string') throw new Error('it has no port')
      done({ origin: `http://127.0.0.1:${address.port}`, close })
    }),
  )
}

if (process.argv[1] === import.meta.filename) {
  const scenario = SCENARIOS.find((name) => name === (process.argv[2] ?? 'full'))
  if (!scenario) throw new Error(`scenario: one of ${SCENARIOS.join(', ')}`)
  const port = Number(process.argv[3] ?? 4180)
  const { origin } = await serveFixture(scenario, port)
  console.log(`fixture lab "${scenario}" on ${origin}`)
}

import type { IncomingMessage } from 'node:http'
import { type Context, Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { type Bundle, documentHeaders } from '../bundle/index.ts'
import type { Gate } from './gate.ts'
import { enterPage, notFoundPage, signInPage, staleTokenPage, wrongHostPage } from './pages.ts'
import { type Refusal, RPC_PATH } from './sockets.ts'
import type { OneTimeTokens, Sessions } from './tokens.ts'

export interface DoorParts {
  gate: Gate
  port: number
  bundle: Bundle
  tokens: OneTimeTokens
  sessions: Sessions
  /** Called when a one-time address was used, or a genuine one came too late: the person needs the next. */
  onTokenSpent: () => void
}

/** Cookies do not know ports: two labs on one machine must not overwrite each other's. */
const cookieName = (port: number) => `swaplab-${port}`

function cookieOf(request: IncomingMessage, name: string): string | undefined {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2)
    if (key === name) return value
  }
  return undefined
}

/** Answers HTTP: the exchange of a token for a cookie, and the files of the bundle to whoever has one. */
export function makeDoor({ gate, port, bundle, tokens, sessions, onTokenSpent }: DoorParts): Hono {
  const door = new Hono()
  const cookie = cookieName(port)
  const page = (context: Context, status: 200 | 401 | 403 | 404, html: string) =>
    context.html(html, status, { 'cache-control': 'no-store' })

  door.use(async (context, next) => {
    await next()
    for (const [name, value] of Object.entries(documentHeaders())) context.header(name, value)
  })

  door.use(async (context, next) => {
    const host = context.req.header('host')
    if (!gate.hostIsOurs(host)) return page(context, 403, wrongHostPage(port))
    if (context.req.method === 'GET' || context.req.method === 'HEAD') return next()
    if (!gate.originIsOurs(context.req.header('origin'), host))
      return context.text('Another site may not change anything here.\n', 403, { 'cache-control': 'no-store' })
    return context.text('The lab is read by GET and asked through its socket.\n', 405, { allow: 'GET, HEAD' })
  })

  const exchange = (context: Context) => {
    const token = context.req.query('token')
    // HEAD is what link previews send: it must not spend the address.
    if (token === undefined || context.req.method !== 'GET') return null
    const verdict = tokens.redeem(token)
    switch (verdict) {
      case 'unknown':
        return page(context, 401, signInPage())
      case 'stale':
        onTokenSpent()
        return page(context, 401, staleTokenPage())
      case 'accepted': {
        setCookie(context, cookie, sessions.open(), {
          httpOnly: true,
          sameSite: 'Strict',
          path: '/',
          secure: gate.origin.startsWith('https:'),
        })
        onTokenSpent()
        const from = context.req.header('sec-fetch-site')
        context.header('cache-control', 'no-store')
        if (from === 'cross-site' || from === 'same-site') return page(context, 200, enterPage())
        return context.redirect('/', 303)
      }
    }
  }
  door.get('/', (context, next) => exchange(context) ?? next())
  door.get('/enter', (context, next) => exchange(context) ?? next())

  door.get('*', (context) => {
    if (!sessions.admit(getCookie(context, cookie))) return page(context, 401, signInPage())
    const file = bundle.find(new URL(context.req.url).pathname)
    if (file === undefined) return page(context, 404, notFoundPage())
    const headers = { 'content-type': file.type, etag: file.etag, 'cache-control': file.cacheControl }
    if (context.req.header('if-none-match') === file.etag) return context.body(null, 304, headers)
    return context.body(file.body, 200, headers)
  })

  return door
}

/** Decides on a request to open a socket: our name, our page, a session. */
export function judgeUpgrade({ gate, port, sessions }: Pick<DoorParts, 'gate' | 'port' | 'sessions'>) {
  return (request: IncomingMessage): Refusal => {
    const { host, origin } = request.headers
    if (!gate.hostIsOurs(host)) return { status: 403, reason: 'This is not the name of the lab.' }
    if (!gate.originIsOurs(origin, host)) return { status: 403, reason: 'Another site may not ask the lab.' }
    const site = request.headers['sec-fetch-site']
    if (site !== undefined && site !== 'same-origin')
      return { status: 403, reason: 'Another site may not ask the lab.' }
    if (request.url?.split('?', 1)[0] !== RPC_PATH) return { status: 404, reason: `The socket is at ${RPC_PATH}.` }
    if (!sessions.admit(cookieOf(request, cookieName(port))))
      return { status: 401, reason: 'Open the lab with its address first.' }
    return null
  }
}

import type { Server } from 'node:http'
import { resolve } from 'node:path'
import { performance } from 'node:perf_hooks'
import { createAdaptorServer } from '@hono/node-server'
import { onError } from '@orpc/server'
import { RPCHandler } from '@orpc/server/ws'
import { faultOf, LabError } from '../../contract/index.ts'
import { type Bundle, readBundle } from '../bundle/index.ts'
import { judgeUpgrade, makeDoor } from './door.ts'
import { isLoopback, makeGate } from './gate.ts'
import type { OpenLab } from './node-lab.ts'
import { carryContract, SOCKET_LIMITS, type SocketLimits } from './sockets.ts'
import { OneTimeTokens, Sessions } from './tokens.ts'

export interface ServeOptions {
  /** Folder of the history. */
  dataDir: string
  /** 0 takes a free one. */
  port?: number
  /** Address to listen on. Anything but loopback must be asked for by name, and is warned about. */
  host?: string
  /** Address people use where a proxy stands in front, e.g. `https://lab.example`; the cookie is then Secure. */
  publicOrigin?: string
  /** Folder of the built interface. */
  bundleDir?: string
  /** Makes what is served, once the address is had: nothing is built for one that cannot be. */
  prepare?: () => Promise<void>
  /** Called with each one-time address, the first one included; without it the further ones are logged. */
  onAddress?: (url: string) => void
  /** Called with what a person should know and a program need not. */
  log?: (line: string) => void
  /** How long a one-time address is good for, ms. */
  tokenLifetimeMs?: number
  /** A session unused for this long is over, ms. */
  sessionIdleMs?: number
  sockets?: Partial<SocketLimits>
  /** The lab to serve; the lab of `dataDir` unless a test brings its own. */
  openLab?: (dataDir: string) => Promise<OpenLab>
}

export interface ServedLab {
  /** One-time address: opens the lab once. */
  url: string
  /** The address without its token. */
  origin: string
  port: number
  /** A further one-time address. */
  newAddress(): string
  /** Closes sockets, engine, history and port. Safe to call twice. */
  close(): Promise<void>
}

const TOKEN_LIFETIME_MS = 15 * 60_000
const SESSION_IDLE_MS = 24 * 3_600_000

/** Built by `npm run build`, four folders up from here in the sources. */
const BUNDLE_DIR = resolve(import.meta.dirname, '../../../out/renderer')

/** Loaded when it is needed: the native addon comes with it, and a refused start should not need that. */
async function openOwnLab(dataDir: string): Promise<OpenLab> {
  const { openNodeLab } = await import('./node-lab.ts')
  return openNodeLab(dataDir)
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((done, fail) => {
    // Node takes none for all of them.
    if (host === '') return fail(listenFault(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), port, host))
    server.once('error', (error: NodeJS.ErrnoException) => fail(listenFault(error, port, host)))
    server.listen(port, host, () => {
      const address = server.address()
      done(address !== null && typeof address === 'object' ? address.port : port)
    })
  })
}

function listenFault(error: NodeJS.ErrnoException, port: number, host: string): LabError {
  const at = `${host}:${port}`
  switch (error.code) {
    case 'EADDRINUSE':
      return new LabError(
        {
          code: 'unavailable',
          message: `Port ${port} of ${host} is in use, perhaps by another Swaplab.`,
          remedy: 'Choose another with --port, or leave it out to take a free one.',
          field: 'port',
        },
        { cause: error },
      )
    case 'EACCES':
      return new LabError(
        {
          code: 'no_permission',
          message: `You may not listen on ${at}.`,
          remedy: 'Choose a port above 1023.',
          field: 'port',
        },
        { cause: error },
      )
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EAI_AGAIN':
    case 'EINVAL':
    case 'ENOTFOUND':
      return new LabError(
        {
          code: 'bad_input',
          message: `"${host}" is not an address of this machine.`,
          remedy: 'Leave --host out to serve on loopback only.',
          field: 'host',
        },
        { cause: error },
      )
    default:
      return new LabError({ code: 'internal', message: `Cannot listen on ${at}: ${error.message}` }, { cause: error })
  }
}

/**
 * Serves the lab of `dataDir` to browsers, on loopback unless told otherwise.
 * @throws LabError where the interface is not built, the port cannot be had, or the history cannot be opened.
 */
export async function serve(options: ServeOptions): Promise<ServedLab> {
  const host = options.host ?? '127.0.0.1'
  const log = options.log ?? ((line: string) => console.error(line))
  const clock = performance
  const tokens = new OneTimeTokens(clock, options.tokenLifetimeMs ?? TOKEN_LIFETIME_MS)
  const sessions = new Sessions(clock, options.sessionIdleMs ?? SESSION_IDLE_MS)

  // The door is made when the port is known: the gate compares names with their port.
  let answer: (request: Request) => Response | Promise<Response> = () => new Response(null, { status: 503 })
  const server = createAdaptorServer({ fetch: (request: Request) => answer(request) }) as Server
  server.maxConnections = 256
  server.headersTimeout = 10_000
  server.requestTimeout = 30_000
  const port = await listen(server, options.port ?? 0, host)

  let bundle: Bundle
  let lab: OpenLab
  try {
    await options.prepare?.()
    // The cheap refusals come first: a lab that was opened for nothing would have taken the history's lock.
    bundle = await readBundle(options.bundleDir ?? BUNDLE_DIR)
    lab = await (options.openLab ?? openOwnLab)(options.dataDir)
  } catch (error) {
    server.close()
    server.closeAllConnections()
    throw error
  }

  const gate = makeGate(host, port, options.publicOrigin)
  const newAddress = () => `${gate.origin}/?token=${tokens.issue()}`
  const nextAddress = options.onAddress ?? ((url: string) => log(`The next address: ${url}`))
  const door = makeDoor({ gate, port, bundle, tokens, sessions, onTokenSpent: () => nextAddress(newAddress()) })
  door.onError((error, context) => {
    log(`request: ${error.message}`)
    return context.text(`${faultOf(error).message}\n`, 500)
  })
  answer = (request) => door.fetch(request)

  const handler = new RPCHandler(lab.router, {
    interceptors: [
      onError((error: unknown) => {
        // A refusal of the contract is an answer; anything else is a defect that must be seen.
        const fault = error as { code?: unknown; message?: unknown; name?: unknown }
        if (fault.code !== 'LAB' && fault.name !== 'AbortError') log(`lab: ${String(fault.message ?? error)}`)
      }),
    ],
  })
  const sockets = carryContract(
    handler,
    judgeUpgrade({ gate, port, sessions }),
    { ...SOCKET_LIMITS, ...options.sockets },
    log,
  )
  server.on('upgrade', sockets.upgrade)

  if (!isLoopback(host))
    log(
      `Warning: ${host} can be reached from other machines, and what they send is not encrypted. ` +
        `Safer: serve on loopback and forward the port with "ssh -L ${port}:127.0.0.1:${port}".`,
    )

  let closing: Promise<void> | undefined
  const close = async () => {
    server.close()
    await sockets.close()
    server.closeAllConnections()
    await lab.close()
  }
  const url = newAddress()
  options.onAddress?.(url)
  return {
    url,
    origin: gate.origin,
    port,
    newAddress,
    close: () => {
      closing ??= close()
      return closing
    },
  }
}

import type { ClientContext, ClientLink, ClientOptions } from '@orpc/client'
import { RPCLink as MessagePortLink } from '@orpc/client/message-port'
import { RPCLink as WebSocketLink } from '@orpc/client/websocket'
import { backoffMs } from './backoff.ts'
import { isElectronWindow, nextLabPort } from './message-port.ts'

/** What the banner shows. `refused`: the lab answers, but not to this window (its access cookie is missing or old). */
export type ConnectionState =
  | { kind: 'connecting' }
  | { kind: 'open' }
  | { kind: 'lost'; attempt: number; refused: boolean }

interface Carrier {
  link: ClientLink<ClientContext>
  closed: Promise<void>
}

/** How long a call waits for a lost connection before it fails. */
const CALL_WAIT_MS = 15_000

/** Thrown by a call that could not reach the lab, or whose answer was lost with the connection. */
export class ConnectionLost extends Error {
  constructor(options?: ErrorOptions) {
    super('The connection to the lab was lost.', options)
    this.name = 'ConnectionLost'
  }
}

async function openMessagePort(): Promise<Carrier> {
  const port = await nextLabPort()
  const closed = new Promise<void>((resolve) => port.addEventListener('close', () => resolve(), { once: true }))
  const link = new MessagePortLink({ port })
  port.start()
  return { link, closed }
}

function openWebSocket(): Promise<Carrier> {
  const scheme = window.location.protocol === 'https:' ? 'wss' : 'ws'
  const websocket = new WebSocket(`${scheme}://${window.location.host}/rpc`)
  const closed = new Promise<void>((resolve) => websocket.addEventListener('close', () => resolve(), { once: true }))
  return new Promise((resolve, reject) => {
    websocket.addEventListener('open', () => resolve({ link: new WebSocketLink({ websocket }), closed }), {
      once: true,
    })
    websocket.addEventListener('close', () => reject(new ConnectionLost()), { once: true })
  })
}

/** A failed WebSocket does not say why; the page's own address does. */
async function isRefused(): Promise<boolean> {
  if (isElectronWindow()) return false
  try {
    const response = await fetch(window.location.pathname, { method: 'HEAD', cache: 'no-store' })
    return response.status === 401 || response.status === 403
  } catch {
    return false
  }
}

/**
 * The one link to the lab: carries calls over a MessagePort (Electron) or a WebSocket (browser), reopens it with back-off
 * when it is lost, and tells subscribers. Calls made meanwhile wait up to 15 s.
 */
export class LabConnection implements ClientLink<ClientContext> {
  #state: ConnectionState = { kind: 'connecting' }
  #link: ClientLink<ClientContext> | null = null
  readonly #subscribers = new Set<() => void>()
  #wake: (() => void) | null = null

  /** Keeps the connection open for as long as the page lives. */
  async keepOpen(): Promise<never> {
    let attempt = 0
    for (;;) {
      try {
        const carrier = await (isElectronWindow() ? openMessagePort() : openWebSocket())
        attempt = 0
        this.#link = carrier.link
        this.#become({ kind: 'open' })
        await carrier.closed
      } catch (error) {
        if (!(error instanceof ConnectionLost)) console.error(error)
      }
      this.#link = null
      attempt += 1
      const refused = this.#state.kind === 'lost' && this.#state.refused
      this.#become({ kind: 'lost', attempt, refused })
      void isRefused().then((now) => {
        if (this.#state.kind === 'lost' && this.#state.refused !== now) this.#become({ ...this.#state, refused: now })
      })
      await this.#pause(backoffMs(attempt))
    }
  }

  /** Tries again at once instead of at the end of the back-off. */
  retryNow(): void {
    this.#wake?.()
  }

  get state(): ConnectionState {
    return this.#state
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#subscribers.add(listener)
    return () => this.#subscribers.delete(listener)
  }

  /** @throws ConnectionLost when no connection can be had in time or it ends before the answer. */
  async call(path: readonly string[], input: unknown, options: ClientOptions<ClientContext>): Promise<unknown> {
    const link = this.#link ?? (await this.#nextLink(options.signal))
    try {
      return await link.call(path, input, options)
    } catch (error) {
      if (this.#link !== link && !options.signal?.aborted) throw new ConnectionLost({ cause: error })
      throw error
    }
  }

  #nextLink(signal: AbortSignal | undefined): Promise<ClientLink<ClientContext>> {
    return new Promise((resolve, reject) => {
      const finish = () => {
        if (!this.#link) return
        done()
        resolve(this.#link)
      }
      const fail = () => {
        done()
        reject(new ConnectionLost())
      }
      const timer = setTimeout(fail, CALL_WAIT_MS)
      const unsubscribe = this.subscribe(finish)
      const done = () => {
        clearTimeout(timer)
        unsubscribe()
        signal?.removeEventListener('abort', fail)
      }
      signal?.addEventListener('abort', fail, { once: true })
    })
  }

  #become(state: ConnectionState): void {
    this.#state = state
    for (const listener of this.#subscribers) listener()
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        clearTimeout(timer)
        this.#wake = null
        resolve()
      }
      const timer = setTimeout(go, ms)
      this.#wake = go
    })
  }
}

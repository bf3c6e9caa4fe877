import type { ClientContext, ClientLink, ClientOptions } from '@orpc/client'
import { RPCLink as MessagePortLink } from '@orpc/client/message-port'
import { RPCLink as WebSocketLink } from '@orpc/client/websocket'
import { backoffMs } from './backoff.ts'
import { startHeartbeat } from './heartbeat.ts'
import { isElectronWindow, nextLabPort } from './message-port.ts'

/**
 * What the banner shows. `silent`: the carrier stands, and nothing comes. `refused`: the lab answers, but not to this window (its
 * access cookie is missing or old).
 */
export type ConnectionState =
  | { kind: 'connecting' }
  | { kind: 'open' }
  | { kind: 'silent'; ms: number }
  | { kind: 'lost'; attempt: number; refused: boolean }

interface Carrier {
  link: ClientLink<ClientContext>
  /** Tells of each message. */
  messages: EventTarget
  closed: Promise<void>
  /** Gives it up; null where there would be no other. */
  abandon: (() => void) | null
}

const goesOn = (answer: unknown): answer is AsyncIterable<unknown> =>
  typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer

/** The messages of an answer that goes on; what ends it before its end is what `failure` makes of it. */
async function* heard(answer: AsyncIterable<unknown>, failure: (error: unknown) => unknown) {
  try {
    yield* answer
  } catch (error) {
    throw failure(error)
  }
}

/** How long a call waits for a lost connection before it fails. */
const CALL_WAIT_MS = 15_000
/** How long a socket may take to open before another is tried. */
const OPENING_MS = 5_000

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
  return { link, messages: port, closed, abandon: null }
}

function newWebSocket(): WebSocket {
  const scheme = window.location.protocol === 'https:' ? 'wss' : 'ws'
  return new WebSocket(`${scheme}://${window.location.host}/rpc`)
}

/** What became of one that is to be opened; `closed` also where it was refused. */
function fateOf(websocket: WebSocket): Promise<'open' | 'closed' | 'pending'> {
  return new Promise((resolve) => {
    websocket.addEventListener('open', () => resolve('open'), { once: true })
    websocket.addEventListener('close', () => resolve('closed'), { once: true })
    setTimeout(resolve, OPENING_MS, 'pending')
  })
}

async function openWebSocket(): Promise<Carrier> {
  const websocket = newWebSocket()
  const closed = new Promise<void>((resolve) => websocket.addEventListener('close', () => resolve(), { once: true }))
  const abandon = () => {
    websocket.close()
    // A peer that is gone never answers the goodbye: whoever waits for it is told now.
    websocket.dispatchEvent(new CloseEvent('close'))
  }
  if ((await fateOf(websocket)) === 'open')
    return { link: new WebSocketLink({ websocket }), messages: websocket, closed, abandon }
  websocket.close()
  throw new ConnectionLost()
}

/** Whether the lab, or the network before it, says anything to a new socket. */
async function answersAnother(): Promise<boolean> {
  const websocket = newWebSocket()
  const fate = await fateOf(websocket)
  websocket.close()
  return fate !== 'pending'
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
 * when it is lost, and tells subscribers, also of a lab that is silent. Calls made meanwhile wait: for a lost one up to 15 s.
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
        await this.#whileItStands(carrier)
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

  /** Until it is closed, or given up: one that stays silent while another socket is answered leads nowhere (a laptop slept). */
  async #whileItStands({ link, messages, closed, abandon }: Carrier): Promise<void> {
    let anotherIsAnswered = false
    let nextTryMs = 0
    const heartbeat = startHeartbeat(
      // The answer is heard below as any message is; one that is lost with the carrier is no news.
      () => void link.call(['about'], undefined, { context: {} }).catch(() => undefined),
      (ms) => {
        this.#become(ms === null ? { kind: 'open' } : { kind: 'silent', ms })
        if (ms === null || abandon === null) {
          nextTryMs = 0
          anotherIsAnswered = false
        } else if (anotherIsAnswered) abandon()
        else if (ms >= nextTryMs) {
          nextTryMs = ms * 2
          void answersAnother().then((answered) => {
            anotherIsAnswered = answered && this.#state.kind === 'silent'
          })
        }
      },
    )
    messages.addEventListener('message', heartbeat.heard)
    await closed
    heartbeat.stop()
    messages.removeEventListener('message', heartbeat.heard)
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
    const lost = (error: unknown) =>
      this.#link !== link && !options.signal?.aborted ? new ConnectionLost({ cause: error }) : error
    try {
      const answer = await link.call(path, input, options)
      return goesOn(answer) ? heard(answer, lost) : answer
    } catch (error) {
      throw lost(error)
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

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { RPCHandler } from '@orpc/server/ws'
import { WebSocket, WebSocketServer } from 'ws'
import { z } from 'zod'

export const RPC_PATH = '/rpc'

export interface SocketLimits {
  /** bytes; an imported bundle is the largest message */
  messageBytes: number
  /** sockets open at once */
  connections: number
  /** ms between pings; a socket that did not answer the last one is ended */
  heartbeatMs: number
  /** bytes queued to a reader that does not keep up before its socket is ended */
  backlogBytes: number
}

export const SOCKET_LIMITS: SocketLimits = {
  messageBytes: 32 * 1024 * 1024,
  connections: 32,
  heartbeatMs: 30_000,
  backlogBytes: 64 * 1024 * 1024,
}

/** Why an upgrade is refused: an HTTP status and its reason; null where it may go on. */
export type Refusal = { status: number; reason: string } | null

type Handler = Pick<RPCHandler<Record<never, never>>, 'upgrade'>

const NOT_TEXT = 1003
const NOT_UNDERSTOOD = 1007

/** A message of oRPC as the lab's own page sends them: a question, or that its answer is no longer wanted. No files, no streams. */
const Asked = z.union([
  z.object({
    i: z.string(),
    t: z.literal(1).optional(),
    p: z.object({
      u: z.string().startsWith('/'),
      h: z.record(z.string().regex(/^(?!content-)/), z.union([z.string(), z.array(z.string())])).optional(),
      m: z.enum(['GET', 'POST']).optional(),
    }),
  }),
  z.object({ i: z.string(), t: z.literal(4) }),
])

function isAsked(text: string): boolean {
  try {
    return Asked.safeParse(JSON.parse(text)).success
  } catch {
    return false
  }
}

/** Closes where it gets what no page of the lab sends, before oRPC sees it, which would log a stack. */
class LabSocket extends WebSocket {
  override emit(event: string | symbol, ...values: unknown[]): boolean {
    if (event !== 'message') return super.emit(event, ...values)
    // What was under way when it was closed is not heard any more.
    if (this.readyState !== WebSocket.OPEN) return false
    const [data, isBinary] = values
    if (isBinary === false && isAsked(String(data))) return super.emit(event, ...values)
    this.close(isBinary ? NOT_TEXT : NOT_UNDERSTOOD)
    return super.emit('error', new Error('closed, for it sent what no page of the lab sends'))
  }
}

/** The sockets that carry the contract. `judge` decides on each request before a single byte is upgraded. */
export function carryContract(
  handler: Handler,
  judge: (request: IncomingMessage) => Refusal,
  limits: SocketLimits,
  log: (line: string) => void,
) {
  // Compression would spend this host's CPU while it is being measured.
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: limits.messageBytes,
    perMessageDeflate: false,
    WebSocket: LabSocket,
  })
  const alive = new WeakSet<WebSocket>()

  const heartbeat = setInterval(() => {
    for (const socket of server.clients) {
      if (!alive.has(socket) || socket.bufferedAmount > limits.backlogBytes) {
        socket.terminate()
        continue
      }
      alive.delete(socket)
      socket.ping()
    }
  }, limits.heartbeatMs)
  heartbeat.unref()

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => socket.destroy())
    const refusal =
      server.clients.size >= limits.connections
        ? { status: 503, reason: `${limits.connections} connections are open already` }
        : judge(request)
    if (refusal) {
      const body = `${refusal.reason}\n`
      socket.end(
        `HTTP/1.1 ${refusal.status} Refused\r\nconnection: close\r\ncontent-type: text/plain; charset=utf-8\r\n` +
          `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      )
      return
    }
    server.handleUpgrade(request, socket, head, (websocket) => {
      alive.add(websocket)
      websocket.on('pong', () => alive.add(websocket))
      // The socket is closed with the fitting code already (1009 for a message too big); without a listener it would throw.
      websocket.on('error', (error) => log(`socket: ${error.message}`))
      void handler.upgrade(websocket)
    })
  }

  return {
    upgrade,
    get connections() {
      return server.clients.size
    },
    /** Says goodbye to every browser; those that do not answer within 500 ms are cut off. */
    async close(): Promise<void> {
      clearInterval(heartbeat)
      const open = [...server.clients]
      const gone = Promise.all(open.map((socket) => new Promise((resolve) => socket.once('close', resolve))))
      for (const socket of open) socket.close(1001, 'the lab was closed')
      const patience = setTimeout(() => {
        for (const socket of open) socket.terminate()
      }, 500)
      await gone
      clearTimeout(patience)
      server.close()
    },
  }
}

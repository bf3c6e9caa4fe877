import { Arena, native, PAGE_SIZE } from '../../native-bench/index.ts'
import type { ByteStream } from './connection.ts'

/** A server with its name looked up. */
export type NumericNode = { kind: 'tcp'; host: string; port: number } | { kind: 'unix'; path: string }

/** Longest wait for a connection, us. */
const CONNECT_US = 2e6

/** A connected socket and its buffers, which the addon reads and writes in place. */
export class SocketStream implements ByteStream {
  readonly out: Uint8Array
  readonly in: Uint8Array
  private readonly arena: Arena
  private readonly inAt: number
  private readonly socket: number

  /** @param buffers bytes of each, whole pages @throws an Error with a `code` where there is no connection */
  constructor(node: NumericNode, buffers: { out: number; in: number }) {
    this.socket =
      node.kind === 'tcp'
        ? native.socketConnect(node.host, node.port, CONNECT_US)
        : native.socketConnectUnix(node.path, CONNECT_US)
    this.arena = new Arena((buffers.out + buffers.in) / PAGE_SIZE)
    this.inAt = buffers.out
    this.out = this.arena.bytes.subarray(0, buffers.out)
    this.in = this.arena.bytes.subarray(buffers.out)
  }

  send(offset: number, bytes: number): number {
    return native.socketSend(this.socket, this.arena.id, offset, bytes)
  }
  receive(offset: number, bytes: number): number {
    return native.socketReceive(this.socket, this.arena.id, this.inAt + offset, bytes)
  }
  wait(toSend: boolean, us: number): boolean {
    return native.socketWait(this.socket, toSend, us)
  }
  close(): void {
    native.socketClose(this.socket)
    this.arena.release()
  }
}

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { RemoteNode } from '../contract/index.ts'
import { type Answer, RESP_LIST, RESP_NONE, RespReader, RespWriter } from './resp.ts'
import type { NumericNode } from './socket-stream.ts'

/** Of silence. */
const TIMEOUT_MS = 2000
/** For a whole answer, however it comes. */
const ANSWER_MS = 5000
const MOST_BYTES = 1 << 26
/** A server that turns somebody away says why unasked, and hangs up: a question sent then fails, and takes the reason with it. */
const FIRST_WORD_MS = 5

/** A few questions to a server, one after the other, that block nobody. All throw an Error with a phrase that says why. */
export class Talk {
  /** Which of a name's addresses answered. */
  readonly node: NumericNode
  private readonly socket: Socket
  private readonly reader = new RespReader(new Uint8Array(1 << 12))
  private gone: Error | null = null
  private wake = () => {}

  private constructor(socket: Socket, node: NumericNode) {
    this.socket = socket
    this.node = node
    const ended = (error: Error) => {
      this.gone ??= error
      this.wake()
    }
    socket.on('error', ended)
    socket.on('close', () => ended(new Error('it closed the connection')))
    socket.on('data', (data) => {
      if (this.reader.left + data.length > MOST_BYTES) return socket.destroy(new Error('its answer is too long'))
      this.reader.append(data)
      this.wake()
    })
  }

  static async open(address: RemoteNode): Promise<Talk> {
    const socket = connect(
      address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port },
    )
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)))
    try {
      await once(socket, 'connect')
    } catch (error) {
      socket.destroy()
      throw new Error(whyNot(error, address), { cause: error })
    }
    const talk = new Talk(
      socket,
      address.kind === 'unix' ? address : { ...address, host: socket.remoteAddress ?? address.host },
    )
    await setTimeout(FIRST_WORD_MS)
    return talk
  }

  async ask(...words: string[]): Promise<Answer> {
    const { socket } = this
    const late = () => socket.destroy(new Error(`no whole answer within ${ANSWER_MS / 1000} s`))
    const deadline = globalThis.setTimeout(late, ANSWER_MS)
    try {
      socket.write(RespWriter.command(...words))
      return await this.whole()
    } finally {
      clearTimeout(deadline)
    }
  }

  close(): void {
    this.socket.destroy()
  }

  private async whole(): Promise<Answer> {
    const { reader } = this
    const kind = await this.answer()
    if (kind !== RESP_LIST) return { kind, text: reader.text(), items: [] }
    const items: string[] = []
    for (let left = reader.value; left > 0; left--) {
      await this.answer()
      items.push(reader.text())
    }
    return { kind, text: '', items }
  }

  private async answer(): Promise<number> {
    const { reader } = this
    for (;;) {
      const kind = reader.next()
      if (kind !== RESP_NONE) return kind
      if (this.gone) throw this.gone
      await new Promise<void>((wake) => {
        this.wake = wake
      })
    }
  }
}

function whyNot(error: unknown, address: RemoteNode): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (address.kind === 'tcp' && (code === 'ENOTFOUND' || code === 'EAI_AGAIN'))
    return `${address.host} is no host that is known here`
  // Where a name has several addresses, the error is about all of them and has no words of its own.
  return (error instanceof Error && error.message) || String(code)
}

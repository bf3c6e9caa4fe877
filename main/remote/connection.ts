import { type Answer, RESP_ERROR, RESP_LIST, RESP_NONE, RespReader, RespWriter } from './resp.ts'

/** One connection that commands are queued on, and whose answers come in their order. */

/** A non-blocking byte stream with waits that end; its buffers are the connection's. All throw where the other side is gone. */
export interface ByteStream {
  /** Bytes to send lie here, and what is received is left there. */
  readonly out: Uint8Array
  readonly in: Uint8Array
  /** Bytes of `out` that were taken. */
  send(offset: number, bytes: number): number
  /** Bytes left in `in`. */
  receive(offset: number, bytes: number): number
  /** For something to receive, or with `toSend` for room too. False where nothing came within `us`. */
  wait(toSend: boolean, us: number): boolean
  close(): void
}

/** Longest wait for an answer, us: Redis itself works in microseconds; this is for a network that has hiccups. */
const DEADLINE_US = 5e6

export class Connection {
  readonly writer: RespWriter
  readonly reader: RespReader
  private readonly stream: ByteStream
  private sent = 0

  constructor(stream: ByteStream) {
    this.stream = stream
    this.writer = new RespWriter(stream.out)
    this.reader = new RespReader(stream.in)
  }

  /** Whether a command of so many bytes fits the queue; what has been sent makes room. */
  hasRoom(bytes: number): boolean {
    const { writer } = this
    if (writer.room >= bytes) return true
    if (this.sent === 0) return false
    writer.bytes.copyWithin(0, this.sent, writer.at)
    writer.at -= this.sent
    this.sent = 0
    return writer.room >= bytes
  }

  /** Sends as much as the stream takes. */
  push(): void {
    const { writer } = this
    while (this.sent < writer.at) {
      const taken = this.stream.send(this.sent, writer.at - this.sent)
      if (taken === 0) return
      this.sent += taken
    }
    this.sent = 0
    writer.at = 0
  }

  /** Receives as much as there is room for. */
  pull(): void {
    for (;;) {
      const at = this.reader.tail
      const room = this.stream.in.length - at
      if (room === 0) return
      const bytes = this.stream.receive(at, room)
      if (bytes === 0) return
      this.reader.received(bytes)
      if (bytes < room) return
    }
  }

  /** Waits until more can be received, or sent of what is queued. @throws Error where nothing comes */
  wait(): void {
    if (!this.stream.wait(this.sent < this.writer.at, DEADLINE_US))
      throw new Error(`no answer within ${DEADLINE_US / 1e6} s`)
  }

  /** A pause. */
  pause(us: number): void {
    this.stream.wait(false, us)
  }

  /** The next answer's kind; waits for it. */
  answer(): number {
    for (;;) {
      const kind = this.reader.next()
      if (kind !== RESP_NONE) return kind
      this.push()
      this.pull()
      const now = this.reader.next()
      if (now !== RESP_NONE) return now
      this.wait()
    }
  }

  /** Sends one command of words and waits for its answer. Nothing else is under way. Not for the hot path. */
  ask(...words: string[]): Answer {
    const { reader, writer } = this
    const command = RespWriter.command(...words)
    writer.bytes.set(command, writer.at)
    writer.at += command.length
    const kind = this.answer()
    if (kind !== RESP_LIST) return { kind, text: reader.text(), items: [] }
    const items: string[] = []
    for (let left = reader.value; left > 0; left--) {
      this.answer()
      items.push(reader.text())
    }
    return { kind, text: '', items }
  }

  /** @throws Error where that is refused */
  need(...words: string[]): Answer {
    const answer = this.ask(...words)
    if (answer.kind === RESP_ERROR) throw new Error(`${words[0]} was answered "${answer.text}"`)
    return answer
  }

  /** To be called where every answer has been taken. @throws Error where there is more: from then on each would be taken for another's */
  expectNothing(): void {
    if (this.reader.left > 0) throw new Error('an answer that nothing was asked for')
  }

  close(): void {
    this.stream.close()
  }
}

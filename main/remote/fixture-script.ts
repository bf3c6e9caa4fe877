import type { ByteStream } from './connection.ts'
import { GET_BYTES, QUEUE_BYTES } from './redis-memory.ts'

/** A server that is played: what it is told is kept, and a function answers each command in bytes of the protocol, or says nothing, or hangs up. */

export const HANGS_UP = Symbol('hangs up')
export type Script = (...words: string[]) => string | typeof HANGS_UP

/** What a well-behaved server says while it holds nothing. */
export const polite: Script = (command) => {
  if (command === 'CLIENT' || command === 'AUTH') return '+OK\r\n'
  return command === 'HGET' ? '$-1\r\n' : ':1\r\n'
}

export class ScriptedStream implements ByteStream {
  readonly out = new Uint8Array(QUEUE_BYTES.out)
  readonly in = new Uint8Array(GET_BYTES.in)
  readonly told: string[][] = []
  closed = false
  private readonly answer: Script
  private readonly piece: number
  private heard = ''
  private says = ''
  private gone = false

  /** @param piece bytes that go through at a time */
  constructor(answer: Script, piece = Number.POSITIVE_INFINITY) {
    this.answer = answer
    this.piece = piece
  }

  send(offset: number, bytes: number): number {
    if (this.gone) throw new Error('EPIPE: the other side has closed')
    const taken = Math.min(bytes, this.piece)
    this.heard += Buffer.from(this.out.subarray(offset, offset + taken)).toString('latin1')
    for (let words = this.nextCommand(); words; words = this.nextCommand()) {
      this.told.push(words)
      const answer = this.answer(...words)
      if (answer === HANGS_UP) this.gone = true
      else this.says += answer
    }
    return taken
  }

  receive(offset: number, bytes: number): number {
    const text = this.says.slice(0, Math.min(bytes, this.piece))
    if (text === '' && this.gone) throw new Error('ECONNRESET: the other side has closed')
    this.says = this.says.slice(text.length)
    this.in.set(Buffer.from(text, 'latin1'), offset)
    return text.length
  }

  /** No time passes here: what has not come does not come. */
  wait(toSend: boolean): boolean {
    return toSend || this.gone || this.says !== ''
  }

  close(): void {
    this.closed = true
  }

  private nextCommand(): string[] | null {
    const parts = Number(/^\*(\d+)\r\n/.exec(this.heard)?.[1] ?? Number.NaN)
    let at = this.heard.indexOf('\n') + 1
    const words: string[] = []
    while (words.length < parts) {
      const length = /^\$(\d+)\r\n/.exec(this.heard.slice(at, at + 16))
      if (!length) return null
      const from = at + length[0].length
      at = from + Number(length[1]) + 2
      if (this.heard.length < at) return null
      words.push(this.heard.slice(from, at - 2))
    }
    if (words.length === 0) return null
    this.heard = this.heard.slice(at)
    return words
  }
}

/**
 * The protocol of Redis and Valkey, version 2, as far as a queue of short commands needs it: commands are written into a buffer, and answers are taken from one
 * without copying them. https://redis.io/docs/latest/develop/reference/protocol-spec/
 */

const CR = 13
const LF = 10
const DOLLAR = 36
const STAR = 42
const DIGIT_0 = 48

/** Bytes a number takes at most in a header. */
const NUMBER_BYTES = 16

/** Writes commands one after the other into a buffer. Nothing here looks whether there is room: see `room`. */
export class RespWriter {
  readonly bytes: Uint8Array
  /** Where the next byte goes. */
  at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** Bytes that a command of so many parts, together so long, takes at most. */
  static bytesOf(parts: number, length: number): number {
    return NUMBER_BYTES + parts * (NUMBER_BYTES + 2) + length
  }

  get room(): number {
    return this.bytes.length - this.at
  }

  begin(parts: number): void {
    this.header(STAR, parts)
  }

  /** A whole command in words, in a buffer of its own. */
  static command(...words: string[]): Uint8Array {
    const parts = words.map((word) => Buffer.from(word))
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    const writer = new RespWriter(new Uint8Array(RespWriter.bytesOf(parts.length, length)))
    writer.begin(parts.length)
    for (const part of parts) writer.part(part)
    return writer.bytes.subarray(0, writer.at)
  }

  part(bytes: Uint8Array): void {
    this.header(DOLLAR, bytes.length)
    this.bytes.set(bytes, this.at)
    this.at += bytes.length
    this.end()
  }

  /** A part that is a number in decimal. */
  number(value: number): void {
    this.header(DOLLAR, digitsOf(value))
    this.digits(value)
    this.end()
  }

  private header(mark: number, value: number): void {
    this.bytes[this.at++] = mark
    this.digits(value)
    this.end()
  }

  private digits(value: number): void {
    const end = this.at + digitsOf(value)
    let rest = value
    for (let at = end - 1; at >= this.at; at--) {
      this.bytes[at] = DIGIT_0 + (rest % 10)
      rest = Math.floor(rest / 10)
    }
    this.at = end
  }

  private end(): void {
    this.bytes[this.at++] = CR
    this.bytes[this.at++] = LF
  }
}

function digitsOf(value: number): number {
  let digits = 1
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits++
  return digits
}

/** What `RespReader.next` found. */
export const RESP_NONE = 0 // no whole answer is there
export const RESP_TEXT = 1
export const RESP_ERROR = 2
export const RESP_NUMBER = 3
export const RESP_BYTES = 4
export const RESP_NIL = 5
export const RESP_LIST = 6

/** An answer as whoever is in no hurry takes it. */
export interface Answer {
  kind: number
  /** Of all but a list. */
  text: string
  /** Of a list. */
  items: string[]
}

/** Takes answers, in their order, from what has come so far. */
export class RespReader {
  private bytes: Uint8Array
  private from = 0
  private to = 0
  /** RESP_NUMBER: it. RESP_LIST: how many answers follow that are its items. */
  value = 0
  /** RESP_TEXT, RESP_ERROR and RESP_BYTES: where they lie, until the next call here. */
  begin = 0
  end = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** Where more may be received. What was taken makes room first. */
  get tail(): number {
    if (this.from > 0) {
      this.bytes.copyWithin(0, this.from, this.to)
      this.to -= this.from
      this.from = 0
    }
    return this.to
  }

  received(bytes: number): void {
    this.to += bytes
  }

  /** Takes what came from elsewhere, in a larger buffer where it needs one. */
  append(more: Uint8Array): void {
    const at = this.tail
    if (at + more.length >= this.bytes.length) {
      const larger = new Uint8Array(2 * (at + more.length))
      larger.set(this.bytes.subarray(0, at))
      this.bytes = larger
    }
    this.bytes.set(more, at)
    this.received(more.length)
  }

  /** Bytes that have come and are no part of an answer that was taken. */
  get left(): number {
    return this.to - this.from
  }

  /** The next answer's kind, and the fields above. @throws Error for what is no answer, or one larger than the buffer */
  next(): number {
    if (this.from >= this.to) return RESP_NONE
    const lineEnd = this.bytes.indexOf(CR, this.from + 1)
    if (lineEnd < 0 || lineEnd + 1 >= this.to) return this.incomplete()
    const mark = String.fromCharCode(this.bytes[this.from])
    this.begin = this.from + 1
    this.end = lineEnd
    const after = lineEnd + 2
    switch (mark) {
      case '+':
        this.from = after
        return RESP_TEXT
      case '-':
        this.from = after
        return RESP_ERROR
      case ':':
        this.value = this.integer()
        this.from = after
        return RESP_NUMBER
      case '*':
        this.value = this.integer()
        this.from = after
        return this.value < 0 ? RESP_NIL : RESP_LIST
      case '$': {
        const length = this.integer()
        if (length < 0) {
          this.from = after
          return RESP_NIL
        }
        if (after + length + 2 > this.to) return this.incomplete()
        this.begin = after
        this.end = after + length
        this.from = this.end + 2
        return RESP_BYTES
      }
      default:
        throw new Error(`an answer begins with "${mark}": this is no Redis or Valkey`)
    }
  }

  /** RESP_BYTES: the bytes themselves, until the next call here. */
  taken(): Uint8Array {
    return this.bytes.subarray(this.begin, this.end)
  }

  text(): string {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + this.begin, this.end - this.begin).toString('utf8')
  }

  private incomplete(): number {
    if (this.from === 0 && this.to === this.bytes.length)
      throw new Error('an answer is longer than any that was asked for')
    return RESP_NONE
  }

  private integer(): number {
    const value = Number(this.text())
    if (!Number.isSafeInteger(value)) throw new Error(`"${this.text()}" is no number`)
    return value
  }
}

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  RESP_BYTES,
  RESP_ERROR,
  RESP_LIST,
  RESP_NIL,
  RESP_NONE,
  RESP_NUMBER,
  RESP_TEXT,
  RespReader,
  RespWriter,
} from './resp.ts'

function written(write: (writer: RespWriter) => void): string {
  const writer = new RespWriter(new Uint8Array(4096))
  write(writer)
  return Buffer.from(writer.bytes.subarray(0, writer.at)).toString('latin1')
}

/** Gives a reader some text in pieces, and what it finds in them. */
function read(text: string, piece: number): (string | number | null)[] {
  const buffer = new Uint8Array(256)
  const reader = new RespReader(buffer)
  const found: (string | number | null)[] = []
  for (let at = 0; at < text.length; at += piece) {
    const bytes = Buffer.from(text.slice(at, at + piece), 'latin1')
    buffer.set(bytes, reader.tail)
    reader.received(bytes.length)
    for (let kind = reader.next(); kind !== RESP_NONE; kind = reader.next()) {
      if (kind === RESP_NUMBER) found.push(reader.value)
      else if (kind === RESP_NIL) found.push(null)
      else if (kind === RESP_LIST) found.push(`list of ${reader.value}`)
      else if (kind === RESP_ERROR) found.push(`error ${reader.text()}`)
      else if (kind === RESP_TEXT || kind === RESP_BYTES) found.push(reader.text())
    }
  }
  return found
}

describe('a command', () => {
  it('is a list of its parts, each with its length', () => {
    const text = written((writer) => {
      writer.begin(3)
      writer.part(Buffer.from('HGET'))
      writer.part(Buffer.from('k'))
      writer.number(1045)
    })
    expect(text).toBe('*3\r\n$4\r\nHGET\r\n$1\r\nk\r\n$4\r\n1045\r\n')
    expect(text.length).toBeLessThanOrEqual(RespWriter.bytesOf(3, 'HGET'.length + 'k'.length))
  })

  it('takes no more room than was foreseen, whatever its parts', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 5 }), fc.nat(), (parts, n) => {
        const bytes = parts.reduce((sum, part) => sum + part.length, 0)
        const room = RespWriter.bytesOf(parts.length + 1, bytes)
        const text = written((writer) => {
          writer.begin(parts.length + 1)
          for (const part of parts) writer.part(part)
          writer.number(n)
        })
        expect(text.length).toBeLessThanOrEqual(room)
        expect(text.endsWith(`\r\n${n}\r\n`)).toBe(true)
      }),
    )
  })
})

describe('answers', () => {
  const TEXT = '+OK\r\n:-3\r\n$5\r\na\r\nbc\r\n$-1\r\n-OOM command not allowed\r\n*2\r\n$1\r\nx\r\n:7\r\n$0\r\n\r\n'
  const FOUND = ['OK', -3, 'a\r\nbc', null, 'error OOM command not allowed', 'list of 2', 'x', 7, '']

  it('are found however they are cut into pieces', () => {
    for (let piece = 1; piece <= TEXT.length; piece++) expect(read(TEXT, piece), `pieces of ${piece}`).toEqual(FOUND)
  })

  it('are never found in what was left in the buffer by those before', () => {
    const buffer = new Uint8Array(64)
    const reader = new RespReader(buffer)
    const give = (text: string) => {
      buffer.set(Buffer.from(text), reader.tail)
      reader.received(text.length)
    }
    give('+one\r\n+two\r\n')
    expect([reader.next(), reader.next(), reader.next()]).toEqual([RESP_TEXT, RESP_TEXT, RESP_NONE])
    give('+t')
    expect(reader.next()).toBe(RESP_NONE)
    give('hree\r\n')
    expect([reader.next(), reader.text()]).toEqual([RESP_TEXT, 'three'])
  })

  it('end with a sentence where they are none, or fit no buffer', () => {
    expect(() => read('HTTP/1.1 400 Bad Request\r\n', 100)).toThrow('this is no Redis or Valkey')
    expect(() => read(':many\r\n', 100)).toThrow('"many" is no number')
    const buffer = new Uint8Array(8)
    const reader = new RespReader(buffer)
    buffer.set(Buffer.from('$100\r\nab'))
    reader.received(8)
    expect(() => reader.next()).toThrow('longer than any that was asked for')
  })
})

import { lookup } from 'node:dns/promises'
import { connect, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { LabError, type RemoteNode } from '../contract/index.ts'
import { RESP_ERROR, RESP_LIST, RESP_NONE, RespReader, RespWriter } from './resp.ts'
import type { NumericNode } from './socket-stream.ts'

/** Whether a server is there and fit to keep pages that must not be lost; asked without blocking anybody. */

export interface ServerFacts {
  /** As it was given, and where that is. */
  name: string
  node: NumericNode
  /** "Redis 7.0.15", "Valkey 8.1.1". */
  version: string
  /** Bytes; 0 is no limit, null where it does not say. */
  maxmemory: number | null
  /** null where it does not say. */
  policy: string | null
  /** Whether its memory is this host's. */
  own: boolean
}

const TIMEOUT_MS = 2000
const MOST_BYTES = 1 << 20

/** Where a password is kept, as redis-cli has it. */
export function serverPassword(): string | null {
  return process.env.REDISCLI_AUTH || null
}

/**
 * @param field that names it
 * @throws LabError `unavailable` where it cannot be reached or asked; `bad_input` where it would lose pages
 */
export async function askServer(name: string, address: RemoteNode, field: string): Promise<ServerFacts> {
  const node = await numeric(name, address, field)
  const answers = await exchange(name, node, field)
  const { info, config } = answers
  const read = (key: string) => new RegExp(`^${key}:(.*?)\\r?$`, 'm').exec(info)?.[1]
  const maxmemory = read('maxmemory') ?? config.get('maxmemory')
  const policy = read('maxmemory_policy') ?? config.get('maxmemory-policy') ?? null
  const refuse = (message: string, remedy: string) =>
    new LabError({ code: 'bad_input', message: `${name} ${message}`, remedy, field })
  if (read('role') === 'slave')
    throw refuse('is a replica, which takes no writes.', 'Name its master, or another server.')
  if (read('cluster_enabled') === '1')
    throw refuse('is part of a cluster, which moves keys between its servers.', 'Name servers that stand alone.')
  if (policy?.startsWith('allkeys'))
    throw refuse(
      `may evict any key when its memory is full (maxmemory-policy ${policy}): a page that is swapped out there would be lost.`,
      'Set it to noeviction there (redis-cli CONFIG SET maxmemory-policy noeviction), or name another server.',
    )
  const valkey = read('valkey_version')
  return {
    name,
    node,
    version: valkey ? `Valkey ${valkey}` : `Redis ${read('redis_version') ?? 'of an unknown version'}`,
    maxmemory: maxmemory === undefined ? null : Number(maxmemory),
    policy,
    own: isOwn(node),
  }
}

function isOwn(node: NumericNode): boolean {
  if (node.kind === 'unix') return true
  const { host } = node
  if (/^(127\.|::1$|::ffff:127\.)/.test(host)) return true
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === host))
}

async function numeric(name: string, address: RemoteNode, field: string): Promise<NumericNode> {
  if (address.kind === 'unix' || isIP(address.host)) return address
  try {
    return { ...address, host: (await lookup(address.host)).address }
  } catch (error) {
    throw unreachable(name, field, `${address.host} is no host that is known here`, error)
  }
}

function unreachable(name: string, field: string, why: string, cause: unknown): LabError {
  return new LabError(
    {
      code: 'unavailable',
      message: `${name} cannot be asked: ${why}.`,
      remedy:
        'Start a server there (Debian: apt-get install redis-server, or valkey-server), see that this host may reach it, or name another one.',
      field,
    },
    { cause },
  )
}

interface Answers {
  info: string
  config: Map<string, string>
}

/** INFO, and what CONFIG GET says; either may be forbidden. */
function exchange(name: string, node: NumericNode, field: string): Promise<Answers> {
  const password = serverPassword()
  const commands = [
    ...(password === null ? [] : [['AUTH', password]]),
    ['INFO'],
    ['CONFIG', 'GET', 'maxmemory'],
    ['CONFIG', 'GET', 'maxmemory-policy'],
  ]
  return new Promise((resolve, reject) => {
    const buffer = new Uint8Array(MOST_BYTES)
    const reader = new RespReader(buffer)
    const socket = connect(node.kind === 'unix' ? { path: node.path } : { host: node.host, port: node.port })
    const fail = (why: string, cause?: unknown) => {
      socket.destroy()
      reject(unreachable(name, field, why, cause))
    }
    socket.setTimeout(TIMEOUT_MS, () => fail(`no answer within ${TIMEOUT_MS / 1000} s`))
    socket.on('error', (error) => fail(error.message, error))
    socket.on('close', () => fail('it closed the connection'))
    socket.on('connect', () => socket.write(requestOf(commands)))
    /** One text for each answer; the items of a list are answers of their own. */
    const texts: string[] = []
    let items = 0
    let answered = 0
    const config = new Map<string, string>()
    let info = ''
    const next = (): boolean => {
      const kind = reader.next()
      if (kind === RESP_NONE) return false
      if (kind === RESP_LIST) {
        items = reader.value
        texts.length = 0
        if (items === 0) answered++
        return true
      }
      const text = reader.text()
      if (kind === RESP_ERROR && /^(NOAUTH|WRONGPASS|ERR AUTH)/.test(text))
        throw new Error(`it asks for a password (REDISCLI_AUTH): ${text}`)
      if (items > 0) {
        texts.push(text)
        if (--items > 0) return true
        if (texts.length === 2) config.set(texts[0], texts[1])
      } else if (text.includes('redis_version:')) info = text
      answered++
      return true
    }
    socket.on('data', (data) => {
      try {
        const at = reader.tail
        if (at + data.length > buffer.length) throw new Error('its answer is too long')
        buffer.set(data, at)
        reader.received(data.length)
        while (answered < commands.length && next()) {}
      } catch (error) {
        fail(error instanceof Error ? error.message : String(error), error)
        return
      }
      if (answered < commands.length) return
      socket.removeAllListeners('close')
      socket.end()
      resolve({ info, config })
    })
  })
}

function requestOf(commands: readonly (readonly string[])[]): Uint8Array {
  const parts = commands.map((words) => words.map((word) => Buffer.from(word)))
  const writer = new RespWriter(
    new Uint8Array(
      parts.reduce(
        (sum, words) =>
          sum +
          RespWriter.bytesOf(
            words.length,
            words.reduce((all, { length }) => all + length, 0),
          ),
        0,
      ),
    ),
  )
  for (const words of parts) {
    writer.begin(words.length)
    for (const word of words) writer.part(word)
  }
  return writer.bytes.subarray(0, writer.at)
}

import { networkInterfaces } from 'node:os'
import { LabError, type RemoteNode, remoteNode } from '../contract/index.ts'
import { RESP_ERROR } from './resp.ts'
import type { NumericNode } from './socket-stream.ts'
import { Talk } from './talk.ts'
import { type SweptTrials, sweepTrials } from './trial-keys.ts'

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
  /** Drawn by it at its start: no two servers have the same. null where it does not say. */
  identity: string | null
  /** Keys it holds already. */
  keys: number
  /** Whether it writes what it holds to its own disk; null where it does not say. */
  saves: boolean | null
}

/** Where a password is kept, as redis-cli has it. */
export function serverPassword(): string | null {
  return process.env.REDISCLI_AUTH || null
}

/**
 * @param field that names it
 * @throws LabError `unavailable` where it cannot be reached or asked; `bad_input` where it would lose pages
 */
export function askServer(name: string, field: string): Promise<ServerFacts> {
  return talkTo(name, field, async (talk) => {
    const { text: info, kind } = await talk.ask('INFO')
    if (kind === RESP_ERROR && !/^(NOPERM|ERR unknown command)/.test(info)) throw new Error(info)
    const setting = async (key: string) => (await talk.ask('CONFIG', 'GET', key)).items.at(1)
    const read = (key: string) => new RegExp(`^${key}:(.*?)\\r?$`, 'm').exec(info)?.[1]
    const maxmemory = read('maxmemory') ?? (await setting('maxmemory'))
    const policy = read('maxmemory_policy') ?? (await setting('maxmemory-policy')) ?? null
    const save = await setting('save')
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
      node: talk.node,
      version: valkey ? `Valkey ${valkey}` : `Redis ${read('redis_version') ?? 'of an unknown version'}`,
      maxmemory: maxmemory === undefined ? null : Number(maxmemory),
      policy,
      own: isOwn(talk.node),
      identity: read('run_id') ?? null,
      keys: [...info.matchAll(/^db\d+:keys=(\d+)/gm)].reduce((sum, [, keys]) => sum + Number(keys), 0),
      saves: read('aof_enabled') === '1' || (save === undefined ? null : save !== ''),
    }
  })
}

/**
 * Removes what killed engines have left there.
 * @param dead a run whose engine has ended just now
 * @throws LabError `unavailable`
 */
export function sweepServer(name: string, field: string, dead?: string): Promise<SweptTrials> {
  return talkTo(name, field, (talk) => sweepTrials(talk, dead))
}

async function talkTo<T>(name: string, field: string, say: (talk: Talk) => Promise<T>): Promise<T> {
  const address = remoteNode(name)
  let talk: Talk | null = null
  try {
    talk = await Talk.open(address)
    const password = serverPassword()
    if (password !== null) {
      const { text } = await talk.ask('AUTH', password)
      // A server that has no password answers ERR, and needs none.
      if (text.startsWith('WRONGPASS')) throw new Error(text)
    }
    return await say(talk)
  } catch (error) {
    if (error instanceof LabError || !(error instanceof Error)) throw error
    const [message, remedy] = whyNot(error.message, talk === null ? address : null)
    throw new LabError(
      { code: 'unavailable', message: `${name} cannot be asked: ${message}.`, remedy, field },
      { cause: error },
    )
  } finally {
    talk?.close()
  }
}

/** @param unreached where nobody answered at all */
function whyNot(words: string, unreached: RemoteNode | null): [message: string, remedy: string] {
  if (unreached !== null) {
    const where = unreached.kind === 'unix' ? `0 --unixsocket ${unreached.path}` : unreached.port
    return [
      words,
      `Start a server there (redis-server --port ${where} --save "" --appendonly no; Debian: apt-get install redis-server, or valkey-server), see that this host may reach it, or name another one.`,
    ]
  }
  if (/^(NOAUTH|WRONGPASS)/.test(words))
    return [
      `it asks for a password (${words.replace(/\.$/, '')})`,
      'Start Swaplab with it in the environment variable REDISCLI_AUTH, or name another server.',
    ]
  // What it says before it closes the door can be a page long.
  return [words.replace(/^(.*?[a-z])\. .*$/s, '$1').replace(/\.$/, ''), 'Mend that there, or name another server.']
}

function isOwn(node: NumericNode): boolean {
  if (node.kind === 'unix') return true
  const { host } = node
  if (/^(127\.|::1$|::ffff:127\.)/.test(host)) return true
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === host))
}

import { z } from 'zod'

/** The address of a server that lends its memory. */

export type RemoteNode = { kind: 'tcp'; host: string; port: number } | { kind: 'unix'; path: string }

const REDIS_PORT = 6379

/** What is wrong with an address, in a phrase that follows the field's name; null for one that can be asked. */
export function remoteNodeProblem(text: string): string | null {
  const node = parse(text)
  return typeof node === 'string' ? node : null
}

/** @throws RangeError where remoteNodeProblem says so */
export function remoteNode(text: string): RemoteNode {
  const node = parse(text)
  if (typeof node === 'string') throw new RangeError(node)
  return node
}

function parse(text: string): RemoteNode | string {
  if (text.includes('\0')) return 'holds a zero byte'
  const path = /^(?:unix:\/\/)?(\/.+)$/.exec(text)?.[1]
  if (path !== undefined) return { kind: 'unix', path }
  if (/^(rediss|valkeys):/.test(text)) return 'asks for TLS, which is not spoken: use redis:// in a network you trust'
  const address = /^(?:redis|valkey):\/\/([^/]*)\/?$/.exec(text)?.[1]
  if (address === undefined) return 'must be redis://HOST:PORT, or the whole path of a Unix socket'
  if (address.includes('@'))
    return 'holds a password, which would be kept in the history: put it into the environment (REDISCLI_AUTH)'
  const [, v6, name, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(address) ?? []
  const host = v6 ?? name
  const port = digits === undefined ? REDIS_PORT : Number(digits)
  if (host === undefined || port < 1 || port > 65_535)
    return 'must be redis://HOST:PORT, or the whole path of a Unix socket'
  return { kind: 'tcp', host, port }
}

export const RemoteNodeText = z
  .string()
  .max(200)
  .superRefine((text, context) => {
    const problem = remoteNodeProblem(text)
    if (problem !== null) context.addIssue({ code: 'custom', message: problem })
  })

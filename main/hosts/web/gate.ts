import { hostname, networkInterfaces } from 'node:os'

/**
 * Who may talk to the door. A browser can be made to send requests here by any page it visits, so names are checked, not
 * only addresses: a Host that is not ours means DNS rebinding, an Origin that is not ours means another site.
 */
export interface Gate {
  /** `scheme://name:port` that a person would type. */
  readonly origin: string
  /** True where the request was meant for this lab. */
  hostIsOurs(host: string | undefined): boolean
  /** True where the page that sends it is the lab's own, at the very name it was loaded from. */
  originIsOurs(origin: string | undefined, host: string | undefined): boolean
}

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]']

/** True for the names and addresses that cannot be reached from another machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

const bracketed = (address: string) => (address.includes(':') ? `[${address}]` : address)

/** Every address and name of this machine, as they appear in a URL. */
function ownNames(): string[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .filter((entry) => !entry.internal && !entry.address.startsWith('fe80:'))
    .map((entry) => bracketed(entry.address))
  return [...addresses, hostname().toLowerCase()]
}

/**
 * @param host address the server listens on. @param port its port.
 * @param publicOrigin address people use where a proxy stands in front, e.g. `https://lab.example`.
 */
export function makeGate(host: string, port: number, publicOrigin?: string): Gate {
  const wildcard = host === '0.0.0.0' || host === '::'
  const names = isLoopback(host)
    ? new Set([...LOOPBACK, bracketed(host)])
    : new Set([...LOOPBACK, ...(wildcard ? ownNames() : [bracketed(host.toLowerCase())])])
  const hosts = new Set([...names].map((name) => `${name}:${port}`))
  // A browser leaves the scheme's own port out.
  if (port === 80) for (const name of names) hosts.add(name)
  const published = publicOrigin === undefined ? undefined : new URL(publicOrigin)
  if (published) hosts.add(published.host)

  const schemeOf = (name: string) => (published && name === published.host ? published.protocol : 'http:')
  const typed = wildcard ? (ownNames()[0] ?? '127.0.0.1') : bracketed(host)
  return {
    origin: published?.origin ?? `http://${typed}:${port}`,
    hostIsOurs: (name) => name !== undefined && hosts.has(name.toLowerCase()),
    originIsOurs: (origin, name) =>
      origin !== undefined &&
      name !== undefined &&
      hosts.has(name.toLowerCase()) &&
      origin === `${schemeOf(name.toLowerCase())}//${name.toLowerCase()}`,
  }
}

import { useSyncExternalStore } from 'react'

/**
 * The place shown, kept in the address after '#': works over every protocol and needs no server.
 * Wouter's own hash hook moves the query before the '#', where it would outlive the page; here it stays behind it.
 */

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener)
  return () => window.removeEventListener('hashchange', listener)
}

/** '#/compare?base=1' → { path: '/compare', search: 'base=1' }. */
export function splitHash(hash: string): { path: string; search: string } {
  const [path = '', search = ''] = hash.replace(/^#?\/?/, '').split('?', 2)
  return { path: `/${path}`, search }
}

export function navigate(to: string, options?: { replace?: boolean }): void {
  const target = `#${to}`
  if (window.location.hash === target) return
  if (options?.replace) {
    const { href: oldURL } = window.location
    window.history.replaceState(null, '', target)
    window.dispatchEvent(new HashChangeEvent('hashchange', { oldURL, newURL: window.location.href }))
  } else window.location.hash = target
}

/** Location hook for wouter's Router. */
export function useHashPath(): [string, typeof navigate] {
  return [useSyncExternalStore(subscribe, () => splitHash(window.location.hash).path), navigate]
}
useHashPath.hrefs = (href: string) => `#${href}`

/** Search hook for wouter's Router. */
export function useHashSearch(): string {
  return useSyncExternalStore(subscribe, () => splitHash(window.location.hash).search)
}

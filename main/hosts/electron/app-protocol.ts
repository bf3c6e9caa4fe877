import type { Protocol } from 'electron'
import { type Bundle, documentHeaders } from '../bundle/index.ts'
import { APP_SCHEME, isAppUrl } from './app-origin.ts'

/** Must be called before the app is ready, and once: a second call of Electron's function would replace the first. */
export function declareAppScheme(protocol: Pick<Protocol, 'registerSchemesAsPrivileged'>): void {
  protocol.registerSchemesAsPrivileged([
    // standard: relative addresses and an origin of its own; secure: a secure context, so that the clipboard works.
    { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
}

/** Answers app:// from the bundle, and from nothing else. */
export function answerAppRequest(bundle: Bundle): (request: Pick<Request, 'url' | 'method'>) => Response {
  const headers = documentHeaders()
  return ({ url, method }) => {
    if (method !== 'GET' && method !== 'HEAD') return new Response(null, { status: 405, headers })
    const file = isAppUrl(url) ? bundle.find(new URL(url).pathname) : undefined
    if (file === undefined) return new Response('There is nothing here.\n', { status: 404, headers })
    return new Response(method === 'HEAD' ? null : file.body, {
      headers: { ...headers, 'content-type': file.type, 'cache-control': file.cacheControl },
    })
  }
}

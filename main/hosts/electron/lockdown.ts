import type { Session, WebContents } from 'electron'
import { APP_SCHEME, isAppUrl } from './app-origin.ts'

/** What the window may ask of the machine: to put text on the clipboard ("copy the specification"), and nothing else. */
const GRANTED = new Set(['clipboard-sanitized-write'])

/** Schemes that stay inside the process: the app, its downloads, and the developer tools. */
const LOCAL = new Set([`${APP_SCHEME}:`, 'blob:', 'data:', 'devtools:'])

/** No permissions, no devices, no network: the lab speaks to its window through a port. */
export function lockSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, decide, details) =>
    decide(GRANTED.has(permission) && details.isMainFrame && isAppUrl(details.requestingUrl)),
  )
  session.setPermissionCheckHandler(
    (_contents, permission, requestingOrigin) => GRANTED.has(permission) && isAppUrl(requestingOrigin),
  )
  session.setDevicePermissionHandler(() => false)
  session.webRequest.onBeforeRequest(({ url }, decide) =>
    decide({ cancel: !(URL.canParse(url) && LOCAL.has(new URL(url).protocol)) }),
  )
}

/** The window shows the app and stays there. */
export function lockContents(contents: WebContents): void {
  const stay = (event: { preventDefault(): void; url: string }) => {
    if (!isAppUrl(event.url)) event.preventDefault()
  }
  contents.on('will-navigate', stay)
  contents.on('will-redirect', stay)
  contents.on('will-frame-navigate', (event) => {
    // The app has no frames of its own.
    if (!event.isMainFrame || !isAppUrl(event.url)) event.preventDefault()
  })
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
}

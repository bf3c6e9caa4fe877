/** The window's own address. Only parsed URLs are compared: a prefix test would let `app://swaplab.evil` in. */
export const APP_SCHEME = 'app'
const APP_HOST = 'swaplab'
export const APP_URL = `${APP_SCHEME}://${APP_HOST}/`

/** True for an address inside the app. (Node gives custom schemes the origin "null", hence protocol and host.) */
export function isAppUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return url.protocol === `${APP_SCHEME}:` && url.host === APP_HOST && url.username === '' && url.password === ''
}

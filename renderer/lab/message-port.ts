/** The Electron door: its preload hands the page one end of a MessageChannel by `postMessage('swaplab-port', '*', [port])`. */

const PORT_MESSAGE = 'swaplab-port'

let waiting: ((port: MessagePort) => void) | null = null
let arrived: MessagePort | null = null

/** Listens for the preload's port. Called before the app is loaded, so that an early port is not missed. */
export function catchLabPort(): void {
  window.addEventListener('message', (event) => {
    if (event.source !== window || event.data !== PORT_MESSAGE) return
    const port = event.ports[0]
    if (!port) return
    if (waiting) waiting(port)
    else arrived = port
    waiting = null
  })
}

/** True inside the Electron window: its preload announces itself, or the page came over the app's own protocol. */
export function isElectronWindow(): boolean {
  return 'swaplab' in window || window.location.protocol === 'app:'
}

/** The next port the preload hands over; one that has already arrived is used first. */
export function nextLabPort(): Promise<MessagePort> {
  const port = arrived
  if (port) {
    arrived = null
    return Promise.resolve(port)
  }
  return new Promise((resolve) => {
    waiting = resolve
  })
}

import { ipcRenderer } from 'electron'
import { ASK_FOR_PORT, HERE_IS_PORT, PORT_MESSAGE } from './channels.ts'

// The page gets the port and nothing of Electron: no function crosses the bridge.
ipcRenderer.on(HERE_IS_PORT, (event) => window.postMessage(PORT_MESSAGE, '*', event.ports))
// Module scripts have run by then, so the page is listening.
window.addEventListener('DOMContentLoaded', () => ipcRenderer.send(ASK_FOR_PORT))

import { RPCHandler } from '@orpc/server/message-port'
import { type IpcMain, type IpcMainEvent, MessageChannelMain, type WebFrameMain } from 'electron'
import { isAppUrl } from './app-origin.ts'
import { ASK_FOR_PORT, HERE_IS_PORT } from './channels.ts'

/** Only the app's own top frame may speak to the lab. A frame that is gone already has none. */
export function isOwnFrame(frame: Pick<WebFrameMain, 'url' | 'parent'> | null): boolean {
  return frame !== null && frame.parent === null && isAppUrl(frame.url)
}

type Router = ConstructorParameters<typeof RPCHandler>[0]

/** Gives each page that asks one end of a channel on which the contract is spoken. */
export function handOutPorts(ipc: Pick<IpcMain, 'on'>, router: Router): void {
  const handler = new RPCHandler(router)
  ipc.on(ASK_FOR_PORT, (event: IpcMainEvent) => {
    const frame = event.senderFrame
    if (frame === null || !isOwnFrame(frame)) return
    const { port1, port2 } = new MessageChannelMain()
    handler.upgrade(port1)
    port1.start()
    frame.postMessage(HERE_IS_PORT, null, [port2])
  })
}

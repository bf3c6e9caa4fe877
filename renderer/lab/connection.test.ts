import { once } from 'node:events'
import { createServer } from 'node:http'
import { createORPCClient } from '@orpc/client'
import { os, type RouterClient } from '@orpc/server'
import { RPCHandler } from '@orpc/server/ws'
import { afterAll, expect, it, vi } from 'vitest'
import { WebSocketServer } from 'ws'
import { ConnectionLost, LabConnection } from './connection.ts'

const sockets = new WebSocketServer({ noServer: true })
const server = createServer((_, response) => response.end())
server.on('upgrade', (request, socket, head) =>
  sockets.handleUpgrade(request, socket, head, (websocket) => void lab.upgrade(websocket)),
)
const counting = {
  count: os.handler(async function* () {
    yield 1
    await new Promise(() => undefined)
  }),
}
const lab = new RPCHandler(counting)
const cut = () => {
  for (const socket of sockets.clients) socket.terminate()
}

afterAll(() => {
  cut()
  server.close()
})

it('what is listened to and lost with the connection is lost, not refused: it is asked for again, and heard', async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  vi.stubGlobal('window', { location: { protocol: 'http:', host: `127.0.0.1:${address.port}`, pathname: '/' } })
  const connection = new LabConnection()
  void connection.keepOpen()
  const client: RouterClient<typeof counting> = createORPCClient(connection)
  const heard = await client.count()
  expect(await heard.next()).toEqual({ done: false, value: 1 })
  const next = heard.next()
  cut()
  await expect(next).rejects.toBeInstanceOf(ConnectionLost)
  expect(await (await client.count()).next()).toEqual({ done: false, value: 1 })
})

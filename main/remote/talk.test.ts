import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { Talk } from './talk.ts'

it('gives up a server whose answer comes so slowly that it never ends', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'swaplab-talk-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const server = createServer((socket) => {
    socket.write('$100000\r\n')
    const dribble = setInterval(() => socket.write('x'), 200)
    socket.on('error', () => {}).on('close', () => clearInterval(dribble))
  })
  onTestFinished(() => void server.close())
  const path = join(folder, 'socket')
  await once(server.listen(path), 'listening')
  const talk = await Talk.open({ kind: 'unix', path })
  onTestFinished(() => talk.close())
  await expect(talk.ask('INFO')).rejects.toThrow('no whole answer within 5 s')
}, 20_000)

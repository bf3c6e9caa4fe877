import { expect, it } from 'vitest'
import { parseSpec, remoteNode, remoteNodeProblem } from './index.ts'

it('an address is a host with a port, or the path of a socket', () => {
  expect(remoteNode('redis://peer')).toEqual({ kind: 'tcp', host: 'peer', port: 6379 })
  expect(remoteNode('valkey://10.0.0.2:7000/')).toEqual({ kind: 'tcp', host: '10.0.0.2', port: 7000 })
  expect(remoteNode('redis://[fd00::2]:7000')).toEqual({ kind: 'tcp', host: 'fd00::2', port: 7000 })
  expect(remoteNode('unix:///run/redis.sock')).toEqual({ kind: 'unix', path: '/run/redis.sock' })
  expect(remoteNode('/run/redis.sock')).toEqual({ kind: 'unix', path: '/run/redis.sock' })
})

it('says what is wrong with any other', () => {
  expect(remoteNodeProblem('rediss://peer')).toMatch(/TLS/)
  expect(remoteNodeProblem('redis://me:secret@peer')).toMatch(/REDISCLI_AUTH/)
  for (const text of [
    '',
    'peer:6379',
    'http://peer',
    'redis://',
    'redis://peer:0',
    'redis://peer:70000',
    'redis://a b',
  ])
    expect(remoteNodeProblem(text), text).toMatch(/must be redis:\/\/HOST:PORT/)
  expect(() => remoteNode('peer')).toThrow(RangeError)
})

it('is named by its field in a specification that is refused', () => {
  const lane = (nodes: string[]) => () => parseSpec({ lanes: [{ lane: 'ramster', nodes }] })
  expect(lane(['redis://peer', 'peer'])).toThrow(/lanes\.0\.nodes\.1: must be redis:\/\/HOST:PORT/)
  expect(lane(['redis://peer', 'redis://peer'])).toThrow(/lanes\.0\.nodes\.1: redis:\/\/peer is named twice/)
  expect(lane([])).toThrow(/lanes\.0\.nodes/)
})

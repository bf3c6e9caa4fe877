import { networkInterfaces } from 'node:os'
import { describe, expect, test } from 'vitest'
import { isLoopback, makeGate } from './gate.ts'

describe('the gate of a lab on loopback', () => {
  const gate = makeGate('127.0.0.1', 4180)

  test.each(['127.0.0.1:4180', 'localhost:4180', 'LOCALHOST:4180', '[::1]:4180'])('is addressed as %s', (host) => {
    expect(gate.hostIsOurs(host)).toBe(true)
    expect(gate.originIsOurs(`http://${host.toLowerCase()}`, host)).toBe(true)
  })

  test.each([
    undefined,
    '',
    'localhost',
    '127.0.0.1',
    '127.0.0.1:4181',
    'evil.example:4180',
    'localhost.evil.example:4180',
    '127.0.0.1.nip.io:4180',
    '127.0.0.1:4180, evil.example',
    'user@127.0.0.1:4180',
    '0.0.0.0:4180',
    '127.1:4180',
  ])('is not addressed as %s', (host) => {
    expect(gate.hostIsOurs(host)).toBe(false)
    expect(gate.originIsOurs(`http://${host}`, host)).toBe(false)
  })

  test.each([
    undefined,
    'null',
    '',
    'http://evil.example',
    'http://127.0.0.1',
    'http://127.0.0.1:4181',
    'https://127.0.0.1:4180',
    'http://localhost:4180',
    'http://127.0.0.1:4180/',
    'http://127.0.0.1:4180.evil.example',
  ])('refuses a page from %s', (origin) => {
    expect(gate.originIsOurs(origin, '127.0.0.1:4180')).toBe(false)
  })

  test('names itself by the address it listens on', () => expect(gate.origin).toBe('http://127.0.0.1:4180'))
})

describe('the gate of a lab opened to the network', () => {
  test('answers to the address it was given and to loopback names', () => {
    const gate = makeGate('192.0.2.7', 80)
    expect(gate.hostIsOurs('192.0.2.7')).toBe(true)
    expect(gate.hostIsOurs('192.0.2.7:80')).toBe(true)
    expect(gate.hostIsOurs('192.0.2.8')).toBe(false)
  })

  test('on every interface, answers to each address of the machine and to no other name', () => {
    const gate = makeGate('0.0.0.0', 4180)
    for (const entry of Object.values(networkInterfaces()).flatMap((entries) => entries ?? []))
      if (!entry.internal && entry.family === 'IPv4') expect(gate.hostIsOurs(`${entry.address}:4180`)).toBe(true)
    expect(gate.hostIsOurs('evil.example:4180')).toBe(false)
    expect(gate.origin).not.toContain('0.0.0.0')
  })

  test('behind a proxy, takes its scheme and name', () => {
    const gate = makeGate('127.0.0.1', 4180, 'https://lab.example')
    expect(gate.origin).toBe('https://lab.example')
    expect(gate.hostIsOurs('lab.example')).toBe(true)
    expect(gate.originIsOurs('https://lab.example', 'lab.example')).toBe(true)
    expect(gate.originIsOurs('http://lab.example', 'lab.example')).toBe(false)
    expect(gate.originIsOurs('http://127.0.0.1:4180', 'lab.example')).toBe(false)
  })
})

test.each([
  ['127.0.0.1', true],
  ['127.8.9.1', true],
  ['localhost', true],
  ['::1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['192.168.1.5', false],
  ['127.0.0.1.evil.example', false],
])('isLoopback(%s) is %s', (host, expected) => expect(isLoopback(host)).toBe(expected))

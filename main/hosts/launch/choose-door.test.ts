import { describe, expect, test } from 'vitest'
import { type Circumstances, chooseDoor, hasDesktop } from './choose-door.ts'

const desktop: Circumstances = {
  platform: 'linux',
  env: { DISPLAY: ':0' },
  uid: 1000,
  webAsked: false,
  obtainElectron: async () => ({ path: '/electron' }),
}
/** Stands for a download that must not even be tried. */
const notAsked = async () => {
  throw new Error('Electron was looked for')
}

describe('which door is opened', () => {
  test('a window, for an ordinary user with a display and Electron', async () => {
    expect(await chooseDoor(desktop)).toEqual({ kind: 'electron', binary: '/electron' })
  })

  test('the browser without a display, and nothing is downloaded', async () => {
    expect(await chooseDoor({ ...desktop, env: {}, obtainElectron: notAsked })).toEqual({
      kind: 'web',
      reason: 'there is no display',
    })
  })

  test('the browser as root: the sandbox is never switched off, and nothing is downloaded', async () => {
    const door = await chooseDoor({ ...desktop, uid: 0, obtainElectron: notAsked })
    expect(door).toMatchObject({ kind: 'web', reason: expect.stringMatching(/sandbox .* root/) })
  })

  test('the browser where Electron cannot be had, with the reason', async () => {
    const door = await chooseDoor({ ...desktop, obtainElectron: async () => ({ reason: 'nobody answers' }) })
    expect(door).toEqual({ kind: 'web', reason: 'nobody answers' })
  })

  test('the browser where it was asked for, without an excuse', async () => {
    expect(await chooseDoor({ ...desktop, webAsked: true, obtainElectron: notAsked })).toEqual({
      kind: 'web',
      reason: null,
    })
  })
})

test.each([
  ['linux', {}, false],
  ['linux', { DISPLAY: '' }, false],
  ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, true],
  ['darwin', {}, true],
  ['win32', {}, true],
] as const)('on %s with %o there is a desktop: %s', (platform, env, expected) => {
  expect(hasDesktop({ platform, env })).toBe(expected)
})

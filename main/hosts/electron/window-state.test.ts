import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { bringForward, readWindowState, writeWindowState } from './window-state.ts'

const SCREEN = { x: 0, y: 0, width: 1920, height: 1080 }
let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swaplab-window-'))
  file = join(folder, 'window.json')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the place of the window', () => {
  test('is kept', () => {
    const bounds = { x: 10, y: 20, width: 900, height: 700 }
    writeWindowState(file, bounds, true)
    expect(readWindowState(file, [SCREEN])).toEqual({ ...bounds, maximized: true })
  })

  test('is the default where its screen is gone', () => {
    writeWindowState(file, { x: 2500, y: 20, width: 900, height: 700 }, false)
    expect(readWindowState(file, [SCREEN])).not.toHaveProperty('x')
    expect(readWindowState(file, [SCREEN, { ...SCREEN, x: 1920 }])).toHaveProperty('x', 2500)
  })

  test.each(['', '{', '[]', '{"x":0}', '{"x":0,"y":0,"width":1,"height":1,"maximized":false}'])(
    'is the default where the file says %j',
    (text) => {
      writeFileSync(file, text)
      expect(readWindowState(file, [SCREEN])).toEqual({ width: 1280, height: 860 })
    },
  )

  test('is the default at the first start', () => {
    expect(readWindowState(file, [SCREEN])).toEqual({ width: 1280, height: 860 })
  })
})

describe('a second start', () => {
  const started = (state: { destroyed: boolean; minimized: boolean }) => {
    const calls: string[] = []
    const touch = (name: string, answer?: boolean) =>
      vi.fn(() => {
        // As Electron does with every call but one.
        if (state.destroyed) throw new TypeError('Object has been destroyed')
        calls.push(name)
        return answer ?? false
      })
    bringForward({
      isDestroyed: () => state.destroyed,
      isMinimized: touch('isMinimized', state.minimized),
      restore: touch('restore'),
      focus: touch('focus'),
    })
    return calls
  }

  test('brings the window forward, out of the task bar too', () => {
    expect(started({ destroyed: false, minimized: false })).toEqual(['isMinimized', 'focus'])
    expect(started({ destroyed: false, minimized: true })).toEqual(['isMinimized', 'restore', 'focus'])
  })

  test('leaves one alone that is closed while its lab ends', () => {
    expect(started({ destroyed: true, minimized: false })).toEqual([])
  })
})

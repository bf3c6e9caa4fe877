import { readFileSync, writeFileSync } from 'node:fs'
import type { BrowserWindow, Rectangle } from 'electron'
import { z } from 'zod'

const State = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().min(640).max(16_384),
  height: z.int().min(480).max(16_384),
  maximized: z.boolean(),
})
export type WindowState = z.infer<typeof State>

const DEFAULT_SIZE = { width: 1280, height: 860 }

/**
 * Where the window was. A state that cannot be read, or that lies on a screen which is gone, gives the default size.
 * @param displays work areas of the screens there are now.
 */
export function readWindowState(file: string, displays: Rectangle[]): Partial<WindowState> {
  let state: WindowState
  try {
    state = State.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    // The first start, or a file from elsewhere: where a window stood is not worth a message.
    return DEFAULT_SIZE
  }
  // The title bar must be in reach: its upper left corner and 100 pixels beside it.
  const visible = displays.some(
    (area) =>
      state.x >= area.x - 8 &&
      state.y >= area.y - 8 &&
      state.x + 100 <= area.x + area.width &&
      state.y + 40 <= area.y + area.height,
  )
  return visible ? state : DEFAULT_SIZE
}

/** @throws what the file system throws; the caller says so. */
export function writeWindowState(file: string, bounds: Rectangle, maximized: boolean): void {
  writeFileSync(file, JSON.stringify({ ...bounds, maximized } satisfies WindowState))
}

/** Shows the window to whoever has started the app again. One that is closed already, while its lab ends, is not to be touched. */
export function bringForward(window: Pick<BrowserWindow, 'isDestroyed' | 'isMinimized' | 'restore' | 'focus'>): void {
  if (window.isDestroyed()) return
  if (window.isMinimized()) window.restore()
  window.focus()
}

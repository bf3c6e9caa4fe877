import type { ElectronBinary } from './electron-binary.ts'

/** Which door the lab opens, and where it is not a window, why: one line for a person. */
export type Door = { kind: 'electron'; binary: string } | { kind: 'web'; reason: string | null }

export interface Circumstances {
  platform: NodeJS.Platform
  env: Record<string, string | undefined>
  /** Of the user; null where the platform has none. */
  uid: number | null
  /** The person asked for the browser, or for something only the web door has. */
  webAsked: boolean
  obtainElectron: () => Promise<ElectronBinary>
}

/** True where a window or a browser can be shown. */
export function hasDesktop({ platform, env }: Pick<Circumstances, 'platform' | 'env'>): boolean {
  if (platform === 'darwin' || platform === 'win32') return true
  return Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)
}

/** The cheap questions come first: nothing is downloaded for a machine that could not show it. */
export async function chooseDoor(circumstances: Circumstances): Promise<Door> {
  if (circumstances.webAsked) return { kind: 'web', reason: null }
  if (!hasDesktop(circumstances)) return { kind: 'web', reason: 'there is no display' }
  if (circumstances.uid === 0)
    return { kind: 'web', reason: "Electron's sandbox does not run as root, and Swaplab does not switch it off" }
  const electron = await circumstances.obtainElectron()
  return 'path' in electron ? { kind: 'electron', binary: electron.path } : { kind: 'web', reason: electron.reason }
}

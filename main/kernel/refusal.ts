import { basename } from 'node:path'
import { LabError } from '../contract/index.ts'
import type { Asking } from './privileges.ts'

/** What pkexec(1) ends with where it has not started the program, whose own codes may be the same. */
const PKEXEC_CODES = [126, 127]
const PKEXEC_LINE = /^(Error|The value for) .*$/m
/** sudo(8), with its name before it in every language: the helper itself never begins a line so. */
const SUDO_LINE = /^sudo: .*$/m

export const READABLE =
  'Root has to be able to read the folder of Swaplab and the data folder: not on a file system in user space, nor on one that keeps root out.'

/** Why whoever was asked said no, or nobody could be asked; null where the helper ended for a reason of its own. */
export function refusedBy(
  way: Asking,
  { code, signal }: { code: number | null; signal: NodeJS.Signals | null },
  stderr: string,
): LabError | null {
  // It reaches whatever asks in the terminal before the lab has cancelled.
  if (signal === 'SIGINT')
    return new LabError({ code: 'cancelled', message: 'Ctrl-C ended the question for the permission.' })
  const no = (message: string, remedy: string) =>
    new LabError({ code: 'no_permission', message, remedy: `${remedy} Nothing was changed.` })
  switch (basename(way.program)) {
    case 'pkexec': {
      const line = PKEXEC_LINE.exec(stderr)?.[0].replace(/\.$/, '')
      if (code === null || !PKEXEC_CODES.includes(code) || line === undefined) return null
      if (/Request dismissed/.test(line))
        return no(
          'The permission to change the swap settings of this host was dismissed (pkexec).',
          'Start it again and allow it, or leave the kernel lanes out.',
        )
      if (/Not authorized/.test(line))
        return no(
          'The permission to change the swap settings of this host was refused (pkexec): the password was wrong, or a polkit rule does not allow it.',
          'Start it again with the password of an administrator, or run Swaplab as root.',
        )
      if (/authentication agent/.test(line))
        return no(
          `pkexec found nobody to ask for the permission: ${line}.`,
          'Start Swaplab in a terminal, or a polkit authentication agent in this desktop session (lxpolkit, polkit-gnome, polkit-kde), or run Swaplab as root.',
        )
      if (/^Error (accessing|executing) \//.test(line))
        return no(`pkexec could not start the helper: ${line}.`, READABLE)
      return no(
        `pkexec could not ask for the permission: ${line}.`,
        'See to it that polkit is running (systemctl status polkit), or run Swaplab as root.',
      )
    }
    case 'sudo': {
      const line = SUDO_LINE.exec(stderr)?.[0]
      if (line === undefined) return null
      return no(
        `sudo did not allow it: ${line}.`,
        way.where === 'terminal'
          ? 'Start it again with the right password, or leave the kernel lanes out.'
          : 'Start Swaplab in the foreground of a terminal, where sudo can ask, or as root.',
      )
    }
    default:
      return null
  }
}

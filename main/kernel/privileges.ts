import { accessSync, constants, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * How the helper can get its privileges here. `ask`: only with the user's consent.
 * `where`: on the desktop; in the terminal that this process is in the foreground of; nowhere: it is allowed without a question, or not at all.
 */
export type Way = { way: 'root' } | Asking | { way: 'none' }

export interface Asking {
  way: 'ask'
  program: string
  arguments: string[]
  where: 'desktop' | 'terminal' | 'nowhere'
  /** pkttyagent(1), which asks for pkexec in a terminal where no desktop does; null where there is no terminal or no such program. */
  agent: string | null
}

/** capabilities(7): CAP_SYS_ADMIN is what swapon(2) asks for. */
const CAP_SYS_ADMIN = 21n

export interface PrivilegeSight {
  /** /proc/self/status */
  status(): string
  /** /proc/self/stat */
  stat(): string
  /** Full path of a program; null where it is not installed. */
  find(program: string): string | null
  hasDisplay: boolean
}

const hostSight: PrivilegeSight = {
  status: () => readFileSync('/proc/self/status', 'utf8'),
  stat: () => readFileSync('/proc/self/stat', 'utf8'),
  find(program) {
    // Fixed folders, not PATH: what is started here is given the keys of the house.
    for (const folder of ['/usr/bin', '/bin', '/run/wrappers/bin']) {
      try {
        accessSync(join(folder, program), constants.X_OK)
        return join(folder, program)
      } catch {}
    }
    return null
  },
  hasDisplay: Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY),
}

/** root: this process has them; ask: pkexec where there is a display, else sudo, else pkexec; none: neither is installed, or a container withholds them from root. */
export function wayToPrivileges(sight: PrivilegeSight = hostSight): Way {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(sight.status())?.[1] ?? '0'
  const uid = /^Uid:\s*\d+\s+(\d+)/m.exec(sight.status())?.[1]
  if ((BigInt(`0x${effective}`) >> CAP_SYS_ADMIN) & 1n) return { way: 'root' }
  // A root without it is in a container: neither program could give what the container withholds.
  if (uid === '0') return { way: 'none' }
  const terminal = isInForeground(sight.stat())
  const where = terminal ? 'terminal' : 'nowhere'
  const pkexec = sight.find('pkexec')
  const sudo = sight.find('sudo')
  if (pkexec && (sight.hasDisplay || !sudo))
    return {
      // Its own agent for a terminal is another user's to polkit ("No session for cookie", polkit 122).
      ...{
        way: 'ask',
        program: pkexec,
        arguments: ['--disable-internal-agent'],
        where: sight.hasDisplay ? 'desktop' : where,
      },
      agent: terminal ? sight.find('pkttyagent') : null,
    }
  // -n: without a terminal to ask in, it would only complain of that.
  if (sudo) return { way: 'ask', program: sudo, arguments: terminal ? [] : ['-n'], where, agent: null }
  return { way: 'none' }
}

/** Whether a process may read from a terminal now, by its /proc/PID/stat. */
function isInForeground(stat: string): boolean {
  // Fields 3 to 8 of proc(5): state, ppid, pgrp, session, tty_nr, tpgid.
  const [, , group, , terminal, foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return terminal !== '0' && group === foreground
}

import { accessSync, constants, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** How the helper can get its privileges here. `ask`: only with the user's consent. */
export type Way = { way: 'root' } | { way: 'ask'; program: string; arguments: string[] } | { way: 'none' }

/** capabilities(7): CAP_SYS_ADMIN is what swapon(2) asks for. */
const CAP_SYS_ADMIN = 21n

export interface PrivilegeSight {
  /** /proc/self/status */
  status(): string
  /** Full path of a program; null where it is not installed. */
  find(program: string): string | null
  hasDisplay: boolean
}

const hostSight: PrivilegeSight = {
  status: () => readFileSync('/proc/self/status', 'utf8'),
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

/** root: this process has them; ask: pkexec where there is a display, else sudo; none: neither is installed, or a container withholds them from root. */
export function wayToPrivileges(sight: PrivilegeSight = hostSight): Way {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(sight.status())?.[1] ?? '0'
  const uid = /^Uid:\s*\d+\s+(\d+)/m.exec(sight.status())?.[1]
  if ((BigInt(`0x${effective}`) >> CAP_SYS_ADMIN) & 1n) return { way: 'root' }
  // A root without it is in a container: neither program could give what the container withholds.
  if (uid === '0') return { way: 'none' }
  const pkexec = sight.find('pkexec')
  if (pkexec && sight.hasDisplay) return { way: 'ask', program: pkexec, arguments: [] }
  const sudo = sight.find('sudo')
  // -n: a helper without a terminal cannot ask for a password; the person does "sudo -v" before.
  if (sudo) return { way: 'ask', program: sudo, arguments: ['-n'] }
  return { way: 'none' }
}

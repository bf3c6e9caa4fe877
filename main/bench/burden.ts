import { native } from '../../native-bench/index.ts'
import type { OpenWorld, PageContents } from './world.ts'

/**
 * A measured world in which every access costs `share` more of its own time: the time is burnt on the native clock, inside
 * the measured part, whenever the loop looks at the clock. Faults themselves stay as they are, so it shows in
 * accesses.per_s, which falls by share / (1 + share), and in the CPU time. It is there to see whether the lab finds a
 * slowdown of known size; no specification can ask for it.
 */
export function burdened(openWorld: OpenWorld, share: number): OpenWorld {
  return (meters) => {
    const world = openWorld(meters)
    let from = native.now()
    // The trial takes making and checking contents off its time; so must the burden.
    let aside = 0
    return {
      ...world,
      contents: timed(world.contents, (ns) => {
        aside += ns
      }),
      turnDue: (now) => {
        const until = now + Math.max(0, now - from - aside) * share
        let at = now
        while (at < until) at = native.now()
        from = at
        aside = 0
        return world.turnDue(at)
      },
      turnTaken: (now) => {
        from = now
        world.turnTaken(now)
      },
    }
  }
}

function timed(contents: PageContents, spent: (ns: number) => void): PageContents {
  return {
    get verified() {
      return contents.verified
    },
    get mismatches() {
      return contents.mismatches
    },
    fill(vpn, frame) {
      const start = native.now()
      contents.fill(vpn, frame)
      spent(native.now() - start)
    },
    verify(vpn, frame, where) {
      const start = native.now()
      contents.verify(vpn, frame, where)
      spent(native.now() - start)
    },
    map: (vpn) => contents.map(vpn),
    change: (vpn, frame) => contents.change(vpn, frame),
    forget: (vpn) => contents.forget(vpn),
    isTouched: (vpn) => contents.isTouched(vpn),
  }
}

import { native } from '../../native-bench/index.ts'
import type { PageContents, World } from './world.ts'

type TimedContents = Pick<PageContents, 'fill' | 'verify'>

/**
 * A measured world in which every access costs `share` more of its own time: the time is burnt on the native clock, inside
 * the measured part, whenever the loop looks at the clock. Faults themselves stay as they are, so it shows in
 * accesses.per_s, which falls by share / (1 + share), and in the CPU time. It is there to see whether the lab finds a
 * slowdown of known size; no specification can ask for it.
 */
export function burdened<W extends Pick<World, 'turnDue' | 'turnTaken'> & { contents: TimedContents }>(
  world: W,
  share: number,
): W {
  let from = native.now()
  // The trial takes making and checking contents off its time; so must the burden.
  let aside = 0
  /** Still to be burnt, ns; below 0 where the process was held up while burning and burnt too much. */
  let owed = 0
  timed(world.contents, (ns) => {
    aside += ns
  })
  return {
    ...world,
    turnDue: (now: number) => {
      owed += Math.max(0, now - from - aside) * share
      let at = now
      while (at - now < owed) at = native.now()
      owed -= at - now
      from = at
      aside = 0
      return world.turnDue(at)
    },
    turnTaken: (now: number) => {
      from = now
      world.turnTaken(now)
    },
  }
}

/** Tells how long each making and each check of a page took. The contents are the trial's own, so they are changed in place. */
function timed(contents: TimedContents, spent: (ns: number) => void): void {
  const fill = contents.fill.bind(contents)
  const verify = contents.verify.bind(contents)
  contents.fill = (vpn, frame) => {
    const start = native.now()
    fill(vpn, frame)
    spent(native.now() - start)
  }
  contents.verify = (vpn, frame, where) => {
    const start = native.now()
    verify(vpn, frame, where)
    spent(native.now() - start)
  }
}

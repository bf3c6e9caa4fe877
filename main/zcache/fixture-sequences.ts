import fc from 'fast-check'
import { LabError } from '../contract/index.ts'
import { FileIoError, SwapIoError } from '../swapfile/index.ts'
import { type EngineOptions, makeEngine } from './fixture-engine.ts'

/**
 * The whole engine against a plain map: whatever the workload does, whatever the disk does, a page comes back as it was last written, and
 * the books balance.
 */

/** So few that each of zcache's 256 objects has one page at most; for trees of them, more. */
const PAGES = 160
/** Commands from one look at all books to the next: a look costs as much as several commands. */
const AUDIT_EVERY = 8

/** What a workload, and the disk beneath it, may do next. */
export type Command =
  | { do: 'touch'; vpn: number; write: boolean }
  | { do: 'sweep'; from: number; count: number; write: boolean; frozen: boolean; fullDisk: boolean }
  | { do: 'free'; vpn: number }
  | { do: 'step' }
  | { do: 'drain' }
  | { do: 'swapoff' }
  | { do: 'fail writes'; count: number }
  | { do: 'fail read' }

const commandOf = (pages: number, vpn = fc.nat(pages - 1)): fc.Arbitrary<Command> =>
  fc.oneof(
    { weight: 12, arbitrary: fc.record({ do: fc.constant('touch' as const), vpn, write: fc.boolean() }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('sweep' as const),
        from: vpn,
        count: fc.integer({ min: 8, max: Math.floor((pages * 3) / 8) }),
        write: fc.boolean(),
        frozen: fc.nat(7).map((n) => n === 0),
        fullDisk: fc.nat(99).map((n) => n === 0),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('free' as const), vpn }) },
    { weight: 2, arbitrary: fc.constant<Command>({ do: 'step' }) },
    { weight: 1, arbitrary: fc.constant<Command>({ do: 'drain' }) },
    { weight: 1, arbitrary: fc.constant<Command>({ do: 'swapoff' }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('fail writes' as const), count: fc.integer({ min: 1, max: 12 }) }),
    },
    { weight: 1, arbitrary: fc.constant<Command>({ do: 'fail read' }) },
  )

/** Sequences of so many commands on so many pages. */
export const commandsOf = (length: number, pages = PAGES): fc.Arbitrary<Command[]> =>
  fc.array(commandOf(pages), { minLength: length, maxLength: length })

/**
 * Carries the commands out, then heals the disk and reads every page. Says how often nothing could leave RAM, where there is no way to disk.
 * @throws Error where a page comes back as it was not last written, or the books do not balance
 */
export function carryOut(
  options: Omit<EngineOptions, 'pages'>,
  commands: readonly Command[],
  pages = PAGES,
): ReturnType<typeof makeEngine> & { outOfMemory: number } {
  const engine = makeEngine({ ...options, pages })
  const { mm, io, file, access, versions } = engine
  let outOfMemory = 0
  let givenBack = 0
  const touch = (page: number, write: boolean) => {
    for (;;) {
      try {
        return access(page, write)
      } catch (error) {
        // Each injected read error fails one attempt; the page must still be there for the next.
        if (error instanceof SwapIoError || error instanceof FileIoError) continue
        // Nothing can leave RAM any more, as without a way to disk: the workload gives something back.
        if (options.diskSwap === false && error instanceof LabError && error.code === 'out_of_memory') {
          outOfMemory++
          for (let n = pages >> 3; n > 0; n--) mm.free(givenBack++ % pages)
          continue
        }
        // Nothing could be written for so long that the access gave up: once there is room again it must succeed.
        if (!(error instanceof LabError && error.code === 'io_error' && io.writeErrors === 1)) throw error
        io.writeErrors = 0
      }
    }
  }
  const audit = () => {
    const wrong = engine.audit()
    if (wrong.length > 0) throw new Error(`The books do not balance: ${wrong.join('; ')}`)
  }
  for (const [at, step] of commands.entries()) {
    switch (step.do) {
      case 'touch':
        touch(step.vpn, step.write)
        break
      case 'sweep':
        if (step.frozen) engine.pool()?.freeze(true)
        if (step.fullDisk) io.writeErrors = 1
        for (let i = 0; i < step.count; i++) touch((step.from + i) % pages, step.write)
        engine.pool()?.freeze(false)
        io.writeErrors = 0
        break
      case 'free':
        mm.free(step.vpn)
        break
      case 'step':
        mm.step()
        break
      case 'drain':
        mm.drain()
        break
      case 'swapoff':
        mm.invalidateArea()
        break
      case 'fail writes':
        io.failNextWrites(step.count)
        engine.nodes?.refusePuts(step.count)
        break
      case 'fail read':
        io.failNextReads(1)
        file?.failNextReads(1)
        break
    }
    if (at % AUDIT_EVERY === 0) audit()
  }
  io.heal()
  file?.heal()
  for (const page of versions.keys()) touch(page, false)
  mm.drain()
  engine.ramster()?.comeToRest()
  audit()
  const unrested = engine.ramster()?.audit(true) ?? []
  if (unrested.length > 0) throw new Error(`The nodes' books do not balance: ${unrested.join('; ')}`)
  mm.takeDown()
  engine.ramster()?.comeToRest()
  audit()
  const left = [
    ...(engine.pool()?.leftovers() ?? []),
    `${engine.slots.inUse} slots`,
    `${engine.ramster()?.copies.counters.remote_pers_pages ?? 0} pages at nodes`,
  ]
  if (!left.every((words) => words.startsWith('0 '))) throw new Error(`Taken down, and not empty: ${left.join('; ')}`)
  return { ...engine, outOfMemory }
}

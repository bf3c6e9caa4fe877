import { expect, it } from 'vitest'
import { Arena } from '../../../native-bench/index.ts'
import { parseSpec } from '../../contract/index.ts'
import { MemorySwap, type SwapIo } from '../../swapfile/index.ts'
import { measuredWorld } from '../measured-world.ts'
import { buildCorpus } from '../workloads/index.ts'
import { runTrial, SCRATCH_PAGES } from './index.ts'

const spec = parseSpec({
  memory: { frames: 512, pool: 200 },
  workload: { content: { source: 'synthetic', pages: 128 }, pages: 1500, operations: 6000 },
  lanes: [{ lane: 'raw' }],
})

/** A trial over a swap area in memory whose reads the test may spoil. */
async function trialOver(spoil: (io: MemorySwap, arena: Arena) => Partial<SwapIo>) {
  const arena = new Arena(spec.memory.frames + SCRATCH_PAGES)
  const corpus = buildCorpus(spec.workload.content, { seed: 1, selfCorpus: null })
  const slots = spec.workload.pages + 512
  try {
    return await runTrial(
      {
        spec,
        lane: spec.lanes[0],
        slots,
        openWorld: measuredWorld({
          spec,
          arena,
          corpus: { arena: corpus.arena.id, pages: corpus.pages },
          openFile: () => null,
          openSwap: (observer) => {
            const io = new MemorySwap({ slots, arena: arena.bytes, observer })
            const changed = spoil(io, arena)
            return new Proxy(io, {
              get: (target, name) => {
                const own = Reflect.get(changed, name) ?? Reflect.get(target, name)
                return typeof own === 'function' ? own.bind(target) : own
              },
            })
          },
        }),
      },
      { tick: async () => {} },
    )
  } finally {
    corpus.release()
    arena.release()
  }
}

it('a disk that gives pages back as they were is a trial without mismatches', async () => {
  const result = await trialOver(() => ({}))
  expect(result.verified.mismatches).toBe(0)
})

it('one flipped bit in one page that comes back ends the trial as a mismatch', async () => {
  let reads = 0
  const spoiled = trialOver((io, arena) => ({
    read(slot, frames, count) {
      const ns = io.read(slot, frames, count)
      if (++reads === 100) arena.bytes[frames[0] * 4096 + 3000] ^= 1
      return ns
    },
  }))
  await expect(spoiled).rejects.toMatchObject({ code: 'mismatch' })
})

it('a page that nothing reads again is still checked at the end', async () => {
  const spoiled = trialOver((io, arena) => ({
    read(slot, frames, count) {
      const ns = io.read(slot, frames, count)
      // Only the final check reads runs this long.
      if (count > 8) arena.bytes[frames[count - 1] * 4096] ^= 0x80
      return ns
    },
  }))
  await expect(spoiled).rejects.toMatchObject({ code: 'mismatch', message: expect.stringContaining('at the end') })
})

it('a disk that cannot be read ends the trial with an I/O error', async () => {
  const failing = trialOver((io) => {
    io.readErrors = 0.01
    return {}
  })
  await expect(failing).rejects.toMatchObject({ code: 'io_error' })
})

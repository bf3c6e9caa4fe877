import { expect, it } from 'vitest'
import { LabError } from './errors.ts'
import { parseSpec } from './experiment.ts'

function problems(input: unknown): string {
  try {
    parseSpec(input)
  } catch (error) {
    if (error instanceof LabError) return error.message
    throw error
  }
  throw new Error('was accepted')
}

it('takes what stands at a limit', () => {
  expect(() => parseSpec({ memory: { frames: 1000, pool: 900 }, adaptive: { limit: 20 } })).not.toThrow()
})

it.each([
  [{ workload: { pages: 10_000_000 } }, 'workload.pages: must be 256 to 4194304, not 10000000'],
  [{ workload: { operations: 0 } }, 'workload.operations: must be 1000 to 1000000000, not 0'],
  [{ workload: { operations: 1e30 } }, 'workload.operations: must be 1000 to 1000000000, not 1e+30'],
  [{ workload: { operations: Number.NaN } }, 'workload.operations: must be a whole number, not NaN'],
  [{ workload: { operations: 1500.5 } }, 'workload.operations: must be a whole number, not 1500.5'],
  [{ memory: { frames: -3 } }, 'memory.frames: must be 256 to 1048576, not -3'],
  [{ memory: { frames: 'many' } }, 'memory.frames: must be a whole number, not "many"'],
  [{ memory: 3 }, 'memory: must be a group of fields (name: value), not 3'],
  [{ memory: { frame: 4096 } }, 'memory.frame: there is no field "frame"; the fields here are frames, pool'],
  [
    { adaptive: { metrics: ['fault.ns.p99', 'fault.p99'] } },
    /^adaptive\.metrics\.1: "fault\.p99" is no metric; near it/,
  ],
  [{ adaptive: { limit: 20 }, lanes: [{ lane: 'raw' }] }, /^adaptive\.limit: needs two lanes/],
  [{ memory: { frames: 1000, pool: 901 } }, 'memory.pool: must be at most 90 % of memory.frames (900)'],
  [
    { mode: 'simulate', memory: { frames: 4096, pool: 1024 }, lanes: [{ lane: 'kernel-swap' }] },
    "lanes.0.lane: kernel-swap is this host's own kernel, which no model stands in for",
  ],
  [{ trials: -1 }, 'trials: must be 1 to 100, not -1'],
  [{ trials: null }, 'trials: must be a whole number, not empty'],
  [{ lanes: [] }, 'lanes: must have at least 1 item'],
  [{ lanes: 'raw' }, 'lanes: must be a list (- item), not "raw"'],
  [{ lanes: [{ lane: 'zcahe' }] }, /^lanes\.0\.lane: must be one of raw, zcache, .*, kernel-zram, not "zcahe"$/],
  [{ lanes: [{}] }, /^lanes\.0\.lane: must be one of raw, .*, and is missing$/],
  [
    { lanes: [{ lane: 'raw', codec: 'lz4' }] },
    'lanes.0.codec: there is no field "codec"; the fields here are lane, label',
  ],
  [
    { lanes: [{ lane: 'zcache', codec: 'foo' }] },
    'lanes.0.codec: must be one of lz4, lz4hc, lzo, zstd, deflate, not "foo"',
  ],
  [
    { lanes: [{ lane: 'zcache', writeback: 'on', policy: 'watermark', parameters: { low: 1, accept: 7 } }] },
    'lanes.0.parameters.low: the policy watermark has no such parameter; it takes accept, batch; lanes.0.parameters.accept: must be 0 to 1, not 7',
  ],
  [
    { lanes: [{ lane: 'zswap', writeback: 'on', policy: 'reject', parameters: { batch: 1 } }] },
    'lanes.0.parameters.batch: the policy reject takes no parameters: leave it out',
  ],
  [
    { lanes: [{ lane: 'live', writeback: 'on', parameters: { headroom: 'small' } }] },
    'lanes.0.parameters.headroom: must be a number, not "small"',
  ],
  [{ lanes: [{ lane: 'zcache', budget: 0 }] }, 'lanes.0.budget: must be above 0, not 0'],
  [{ cpu: 'fast' }, /^cpu: must be one of disk, any, not "fast", or must be .*number, not "fast"$/],
  [
    { swapfile: { io: 'psync', depth: 8, registered: 'off' } },
    'swapfile.depth: is of io_uring: set swapfile.io "uring", or leave it at 64; swapfile.registered: is of io_uring: set swapfile.io "uring", or leave it at on',
  ],
  [
    { mode: 'simulate', swapfile: { completion: 'polled' } },
    'swapfile.completion: a model has no ring: leave it at blocking in a simulation',
  ],
  [{ version: 2 }, 'version: must be 1, not 2'],
  [{ bogus: 1 }, /^bogus: there is no field "bogus"; the fields here are version, name, seed, /],
] as const)('says of %o what is allowed', (input, expected) => {
  if (typeof expected === 'string') expect(problems(input)).toBe(expected)
  else expect(problems(input)).toMatch(expected)
})

it('asks nothing of the parameters that only an unused policy or its own file knows', () => {
  const parameters = { low: 1 }
  expect(() => parseSpec({ lanes: [{ lane: 'zcache', writeback: 'off', parameters }] })).not.toThrow()
  expect(() =>
    parseSpec({ lanes: [{ lane: 'zcache', writeback: 'on', policy: '/mine.ts', parameters }] }),
  ).not.toThrow()
})

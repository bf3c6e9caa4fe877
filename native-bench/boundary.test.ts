import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { testFolder } from './fixture-folder.ts'

const here = dirname(fileURLToPath(import.meta.url))

/** Runs the fuzzer in a scratch folder, no file larger than 32 MiB; a crash is a signal, and the seed says how to see it again. */
function fuzz(seed: number, runs: number, environment: NodeJS.ProcessEnv = {}) {
  const folder = testFolder()
  try {
    const { status, signal, stdout, stderr } = spawnSync(
      'sh',
      [
        '-c',
        'ulimit -f 65536; ulimit -c 0; exec "$@"',
        'sh',
        process.execPath,
        join(here, 'boundary-fuzz.ts'),
        `${seed}`,
        `${runs}`,
      ],
      { cwd: folder.path, env: { ...process.env, ...environment }, encoding: 'utf8', timeout: 50_000 },
    )
    return { status, signal, stdout, stderr: stderr.slice(-4000), again: `boundary-fuzz.ts ${seed} ${runs} trace` }
  } finally {
    folder.remove()
  }
}

function sanitizerLibrary(name: string): string | null {
  const { stdout, status } = spawnSync('g++', [`-print-file-name=${name}`], { encoding: 'utf8' })
  const path = stdout?.trim() ?? ''
  return status === 0 && path.startsWith('/') && existsSync(path) ? path : null
}

describe('the boundary of the addon', () => {
  it('throws or returns, whatever it is called with', () => {
    const seed = Date.now() % 2 ** 31
    expect(fuzz(seed, 600)).toMatchObject({ status: 0, signal: null, stdout: 'done\n' })
  })

  const libraries = [sanitizerLibrary('libasan.so'), sanitizerLibrary('libubsan.so')]
  it.skipIf(libraries.includes(null))(
    'touches no memory but its own (address sanitizer; skipped without libasan)',
    () => {
      const built = spawnSync('make', ['-s', '-C', here, '-j2', 'asan'], { encoding: 'utf8' })
      expect(built).toMatchObject({ status: 0 })
      const seed = Date.now() % 2 ** 31
      const result = fuzz(seed, 60, {
        SWAPLAB_ADDON: join(here, 'build/asan/native_bench.node'),
        LD_PRELOAD: libraries.join(':'),
        // V8 keeps reachable memory at exit; a refused allocation is an exception and not a defect.
        ASAN_OPTIONS: 'detect_leaks=0:allocator_may_return_null=1',
      })
      expect(result).toMatchObject({ status: 0, signal: null, stdout: 'done\n' })
    },
    // The build takes half a minute of CPU time, and several where the machine has much else to do.
    400_000,
  )
})

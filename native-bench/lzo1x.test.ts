import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { testFolder } from './fixture-folder.ts'
import { Arena, native, PAGE_SIZE } from './index.ts'

const here = dirname(fileURLToPath(import.meta.url))
const { status, stdout } = spawnSync('g++', ['-print-file-name=libasan.so'], { encoding: 'utf8' })
const sanitizer = status === 0 && existsSync(stdout.trim())

describe('the LZO1X decoder', () => {
  const folder = testFolder()
  afterAll(() => folder.remove())

  it.skipIf(!sanitizer)(
    "gives every page, comes to liblzo2's verdict on damaged streams, and touches no memory but its own (skipped without libasan)",
    () => {
      const built = spawnSync('make', ['-s', '-C', here, 'lzo1x-fuzz'], { encoding: 'utf8' })
      expect(built).toMatchObject({ status: 0 })
      const captured = new Arena(512)
      const { pages } = native.captureProcess(process.pid, captured.id, 512, false)
      const file = join(folder.path, 'pages')
      writeFileSync(file, captured.bytes.subarray(0, pages * PAGE_SIZE))
      captured.release()
      const seed = Date.now() % 2 ** 31
      const fuzz = spawnSync(join(here, 'build/asan/lzo1x_fuzz'), [`${seed}`, '30000', file], { encoding: 'utf8' })
      expect({ ...fuzz, again: `native-bench/build/asan/lzo1x_fuzz ${seed} 30000` }).toMatchObject({
        status: 0,
        signal: null,
        stderr: '',
      })
      expect(fuzz.stdout).toMatch(/^2\d{4} sound streams, \d{6} damaged/)
    },
    // It may have to wait for the other test that builds with sanitizers, for minutes where the machine has much else to do.
    400_000,
  )
})

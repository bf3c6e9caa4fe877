import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { testFolder } from './fixture-folder.ts'
import { Arena, native, PAGE_SIZE } from './index.ts'

/**
 * The time our LZO1X decoder takes for a page, over liblzo2's, page by page on the same pages in one process:
 * `node native-bench/lzo1x.bench.ts [ROUNDS] [FILE]`. Without a file of pages, on 2048 pages of this process.
 */

const [rounds = '40', file] = process.argv.slice(2)
const PAGES = 2048

function ownPages(path: string): string {
  const arena = new Arena(PAGES)
  const { pages } = native.captureProcess(process.pid, arena.id, PAGES, true)
  writeFileSync(path, arena.bytes.subarray(0, pages * PAGE_SIZE))
  arena.release()
  return path
}

const here = dirname(fileURLToPath(import.meta.url))
const folder = testFolder()
try {
  execFileSync('make', ['-s', '-C', here, 'build/lzo1x_bench'], { stdio: 'inherit' })
  const pages = file ?? ownPages(join(folder.path, 'pages'))
  execFileSync(join(here, 'build/lzo1x_bench'), [pages, rounds], { stdio: 'inherit' })
} finally {
  folder.remove()
}

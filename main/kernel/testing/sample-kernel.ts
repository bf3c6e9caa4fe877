import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { KernelTree } from '../kernel-tree.ts'

/** A folder of sample files that stands for proc, sys and etc, and the tree over it. */
export class SampleKernel {
  folder = ''
  tree = new KernelTree()

  /** @returns the whole path */
  write(path: string, text: string): string {
    const file = join(this.folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    return file
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8')
  }

  remove(path: string): void {
    rmSync(join(this.folder, path), { recursive: true })
  }
}

/** One for each test of the file that calls this, filled anew. */
export function sampleKernel(fill: (kernel: SampleKernel) => void): SampleKernel {
  const kernel = new SampleKernel()
  beforeEach(() => {
    const folder = mkdtempSync(join(tmpdir(), 'swaplab-sample-'))
    kernel.folder = folder
    kernel.tree = new KernelTree({ proc: join(folder, 'proc'), sys: join(folder, 'sys'), etc: join(folder, 'etc') })
    fill(kernel)
  })
  afterEach(() => rmSync(kernel.folder, { recursive: true, force: true }))
  return kernel
}

/** The first line of /proc/swaps. */
export const SWAPS_HEAD = 'Filename\tType\tSize\tUsed\tPriority\n'

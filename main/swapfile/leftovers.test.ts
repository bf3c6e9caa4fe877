import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, linkSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isAlive, thisProcess } from '../../native-bench/host.ts'
import { native } from '../../native-bench/index.ts'
import { PAGE_SIZE } from '../contract/index.ts'
import { createSwapfile } from './create.ts'
import { encodeHeader, type SwapfileHeader } from './header.ts'
import { sweepLeftovers } from './leftovers.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(realpathSync(tmpdir()), 'swaplab-sweep-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** A process that has certainly ended. */
const deadPid = () => spawnSync('true').pid

function leftover(name: string, owner: Partial<SwapfileHeader['owner']> = {}, damage?: (page: Uint8Array) => void) {
  const page = new Uint8Array(PAGE_SIZE)
  encodeHeader(page, { runId: 'r', slots: 1, owner: { ...thisProcess(), ...owner } })
  damage?.(page)
  const path = join(directory, name)
  writeFileSync(path, page)
  return path
}

describe('isAlive', () => {
  it('knows this process, and tells it from another start, another boot, another pid', () => {
    const self = thisProcess()
    expect(isAlive(self)).toBe(true)
    expect(isAlive({ ...self, startTicks: self.startTicks - 1 })).toBe(false)
    expect(isAlive({ ...self, bootId: 'another' })).toBe(false)
    expect(isAlive({ ...self, pid: deadPid() })).toBe(false)
  })
})

describe('sweepLeftovers', () => {
  it('removes files whose owner is dead: gone, another start of that pid, another boot', () => {
    const paths = [
      leftover('swaplab-a.swap', { pid: deadPid() }),
      leftover('swaplab-b.swap', { startTicks: 1 }),
      leftover('swaplab-c.swap', { bootId: 'the boot before' }),
      leftover('swaplab-d.file', { pid: deadPid() }),
    ]
    expect(sweepLeftovers(directory)).toEqual({ removed: paths, kept: [] })
    for (const path of paths) expect(existsSync(path)).toBe(false)
  })

  it('removes what a killed process left behind, and not before it is dead', async () => {
    const script = `
      import { createSwapfile } from ${JSON.stringify(fileURLToPath(new URL('./create.ts', import.meta.url)))}
      await createSwapfile({ directory: ${JSON.stringify(directory)}, slots: 8, runId: 'child', buffered: true })
      console.log('made')
      setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    const path = join(directory, 'swaplab-child.swap')
    expect(sweepLeftovers(directory)).toMatchObject({ removed: [], kept: [{ path }] })
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(sweepLeftovers(directory).removed).toEqual([path])
  })

  it('leaves the files of living owners', async () => {
    const file = await createSwapfile({ directory, slots: 8, runId: 'live', buffered: true })
    const sweep = sweepLeftovers(directory)
    expect(sweep.removed).toEqual([])
    expect(sweep.kept).toEqual([{ path: file.path, reason: expect.stringContaining('run live') }])
    file.close()
  })

  it('leaves a locked file, whatever its header says', () => {
    const path = leftover('swaplab-locked.swap', { pid: deadPid() })
    const file = native.fileOpen(path, { write: false, create: false, direct: false, dsync: false })
    expect(native.fileLock(file)).toBe(true)
    expect(sweepLeftovers(directory).kept).toEqual([{ path, reason: 'a process has locked it' }])
    native.fileClose(file)
    expect(sweepLeftovers(directory).removed).toEqual([path])
  })

  it('leaves anything that is not wholly ours', () => {
    const dead = { pid: deadPid() }
    leftover('swaplab-corrupt.swap', dead, (page) => {
      page[100] ^= 1
    })
    writeFileSync(join(directory, 'swaplab-empty.swap'), '')
    writeFileSync(join(directory, 'swaplab-foreign.swap'), 'x'.repeat(PAGE_SIZE))
    linkSync(leftover('swaplab-linked.swap', dead), join(directory, 'second-name'))
    symlinkSync(leftover('other-name', dead), join(directory, 'swaplab-symlink.swap'))
    execFileSync('mkfifo', [join(directory, 'swaplab-fifo.swap')])
    leftover('swaplab-.swap', dead)
    leftover('my-swaplab-a.swap', dead)
    const sweep = sweepLeftovers(directory)
    expect(sweep.removed).toEqual([])
    expect(sweep.kept.map((k) => k.path.slice(directory.length + 1))).toEqual([
      'swaplab-corrupt.swap',
      'swaplab-empty.swap',
      'swaplab-fifo.swap',
      'swaplab-foreign.swap',
      'swaplab-linked.swap',
      'swaplab-symlink.swap',
    ])
  })

  it('says why a directory cannot be read', () => {
    expect(() => sweepLeftovers(join(directory, 'missing'))).toThrow(/missing/)
  })
})

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runWindow } from './electron-window.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swaplab-window-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Stands for Electron's binary. */
function program(text: string): string {
  const file = join(folder, 'electron')
  writeFileSync(file, `#!/bin/sh\n${text}\n`)
  chmodSync(file, 0o755)
  return file
}

describe('running the window', () => {
  test('ends well when it was shown and closed, whatever its exit code', async () => {
    expect(await runWindow(program('echo "swaplab: the window is open"; exit 3'), folder)).toBeNull()
  })

  test('ends well when it handed over to a window that was open already', async () => {
    expect(await runWindow(program('exit 0'), folder)).toBeNull()
  })

  test('says what Electron said when no window appeared', async () => {
    const reason = await runWindow(
      program('echo "The SUID sandbox helper binary was found, but" >&2; exit 133'),
      folder,
    )
    expect(reason).toContain('The SUID sandbox helper')
  })

  test('gives up on a window that never appears', async () => {
    expect(await runWindow(program('exec sleep 60'), folder, 200)).toContain('SIGKILL')
  })

  test('says so where there is no such program', async () => {
    expect(await runWindow(join(folder, 'none'), folder)).toContain('ENOENT')
  })

  test('hands the folder of the history over', async () => {
    const reason = await runWindow(program('echo "$2 $3" >&2; exit 1'), folder)
    expect(reason).toContain(`--data ${folder}`)
  })
})

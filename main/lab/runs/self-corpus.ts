import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Owner } from '../../../db/index.ts'
import type { ContentSpec } from '../../contract/index.ts'
import type { HostEyes } from '../host/eyes.ts'
import { isAlive, thisOwner } from './owner.ts'

/** Pages of the lab's own process, for as long as `of` needs them: contents that an engine process cannot take from itself. */

export const selfCorpusFile = (dataDir: string, of: string) => join(dataDir, `self-${of}.corpus`)

/** A calibration is in no table: the name says whose it is. */
export const calibrationCorpusFile = (dataDir: string, { pid, start }: Owner) =>
  selfCorpusFile(dataDir, `calibration-${pid}-${start}`)

/** Whether the file is that of a calibration whose lab still lives. */
export function isOfLivingCalibration(file: string): boolean {
  const [, pid, start] = /^self-calibration-(\d+)-(\d+)\.corpus$/.exec(basename(file)) ?? []
  return start !== undefined && isAlive({ pid: Number(pid), start, boot: thisOwner().boot })
}

/** What the contents of an experiment ask for, if that is pages of this process. */
export const selfContent = (content: ContentSpec) =>
  content.source === 'capture' && content.pid === 'self' ? content : null

/** Copies the pages that are asked for into a file, hands on its name, and removes it at the end; without `content` there is none. */
export async function withSelfCorpus<T>(
  file: string,
  content: Parameters<HostEyes['captureSelf']>[1] | null,
  captureSelf: HostEyes['captureSelf'],
  use: (corpus: string | null) => Promise<T>,
): Promise<T> {
  if (content === null) return use(null)
  try {
    await captureSelf(file, content)
    return await use(file)
  } finally {
    await rm(file, { force: true })
  }
}

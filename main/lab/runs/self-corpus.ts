import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContentSpec } from '../../contract/index.ts'
import type { HostEyes } from '../host/eyes.ts'

/** Pages of the lab's own process, for as long as `of` needs them: contents that an engine process cannot take from itself. */

export const selfCorpusFile = (dataDir: string, of: string) => join(dataDir, `self-${of}.corpus`)

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

import { statSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { LabError } from '../../contract/index.ts'

/** The directory a user named for the swap file, or the usual one where none was. @throws LabError `bad_input`, field `swapDir` */
export function swapDirectory(asked: string | undefined, usual: string): string {
  if (asked === undefined) return usual
  const refuse = (why: string) =>
    new LabError({
      code: 'bad_input',
      field: 'swapDir',
      message: `The swap directory "${asked}" ${why}.`,
      remedy: 'Give the full path of an existing directory on the disk to be measured.',
    })
  if (!isAbsolute(asked)) throw refuse('is not a full path')
  if (!isDirectory(asked)) throw refuse('is not a directory, or one that cannot be looked at')
  return asked
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false // not there, behind a closed folder, or no path at all
  }
}

import { closeSync, fstatSync, lstatSync, openSync, unlinkSync, writeFileSync } from 'node:fs'
import { type Command, InvalidArgumentError } from 'commander'
import { type ErrorCode, LabError } from '../../contract/index.ts'
import type { Client } from './open-client.ts'
import type { Output } from './output.ts'

/** The options of every command. */
export interface Shared {
  data: string
  json: boolean
}

/** The lab, open, while a command works. */
export interface Session {
  client: Client
  close: () => Promise<void>
  out: Output
  dataDir: string
}

/** What a command is made with. */
export interface CommandLine {
  /** A command with the options that all share; its settings are inherited, so that every error ends the same way. */
  command(usage: string, description: string): Command
  /** Opens the lab, does the work, closes the lab. The work returns an exit code; undefined is done. */
  inLab(shared: Shared, work: (session: Session) => Promise<number | undefined>): Promise<void>
}

/** For an option: a whole number from min to max. */
export function wholeNumber(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text)
    if (!Number.isInteger(value) || value < min || value > max)
      throw new InvalidArgumentError(`It takes a whole number from ${min} to ${max}.`)
    return value
  }
}

/** For an option: an empty path would silently mean the folder one stands in. */
export function path(text: string): string {
  if (text === '') throw new InvalidArgumentError('It takes a path.')
  return text
}

/** For an option that may be repeated. */
export const collect = (value: string, before: string[]) => [...before, value]

/** Why a file could not be written, as a fault that names the field. */
function unwritable(error: unknown, file: string, field: string, remedy: string): LabError {
  const errno = error instanceof Error && 'code' in error ? error.code : undefined
  const why = error instanceof Error ? error.message : String(error)
  const code = WRITE_FAULTS.find(([, codes]) => codes.some((known) => known === errno))?.[0] ?? 'io_error'
  return new LabError(
    {
      code,
      field,
      message: errno === 'EEXIST' ? `${file} exists already.` : `${file} cannot be written: ${why}.`,
      remedy: code === 'no_space' ? 'Free some space there, or give a path on another disk.' : remedy,
    },
    { cause: error },
  )
}

const WRITE_FAULTS: readonly (readonly [ErrorCode, readonly string[]])[] = [
  ['bad_input', ['EEXIST', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG']],
  ['not_found', ['ENOENT']],
  ['no_permission', ['EACCES', 'EPERM', 'EROFS']],
  ['no_space', ['ENOSPC', 'EDQUOT']],
]

/** Writes a new file; one that exists is left alone. @throws LabError naming the field */
export function writeNew(file: string, text: string, field = 'out'): void {
  write(file, text, { flag: 'wx', field, remedy: 'Give the path of a new file in a folder you may write to.' })
}

/** Writes a file anew, whatever it held. @throws LabError naming the field */
export function writeAnew(file: string, text: string, field: string): void {
  write(file, text, { flag: 'w', field, remedy: 'Give the path of a file in a folder you may write to.' })
}

/** Whole or not at all: a part would pass for the file, and bar the way for the next try. */
function write(file: string, text: string, how: { flag: 'w' | 'wx'; field: string; remedy: string }): void {
  const { flag, field, remedy } = how
  try {
    const fd = openSync(file, flag)
    try {
      writeFileSync(fd, text)
    } catch (error) {
      // Not a pipe or a device, nor a link to whatever it leads to.
      if (fstatSync(fd).isFile() && lstatSync(file).isFile()) unlinkSync(file)
      throw error
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    throw unwritable(error, file, field, remedy)
  }
}

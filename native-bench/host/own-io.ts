import { HOST, type HostRoot, readText } from './reading.ts'

/** What the calling process has caused on block devices, all of its threads and rings included (proc(5), /proc/PID/io). */
export interface OwnIo {
  readBytes: number
  writtenBytes: number
}

export function parseOwnIo(text: string): OwnIo | null {
  const field = (name: string) => new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1]
  const [read, written] = [field('read_bytes'), field('write_bytes')]
  return read === undefined || written === undefined ? null : { readBytes: Number(read), writtenBytes: Number(written) }
}

/** Null where the kernel does not account it. */
export function probeOwnIo(root: HostRoot = HOST): OwnIo | null {
  return parseOwnIo(readText(root.proc, 'self/io') ?? '')
}

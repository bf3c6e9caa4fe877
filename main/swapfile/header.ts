import { createHash } from 'node:crypto'
import { z } from 'zod'
import { PAGE_SIZE } from '../contract/index.ts'

/**
 * The first page of a swap file, by which Swaplab knows its own:
 *
 *   0    16  magic, ASCII
 *   16    4  version, little-endian
 *   20    4  length of the JSON, little-endian
 *   24    n  JSON: SwapfileHeader
 *   4064 32  SHA-256 of bytes 0..4063
 *
 * It is no swap signature of the kernel's, so swapon refuses the file.
 */
const MAGIC = 'SWAPLAB SWAPFILE'
const VERSION = 1
const JSON_AT = 24
const DIGEST_AT = PAGE_SIZE - 32

const SwapfileHeader = z.strictObject({
  runId: z.string(),
  slots: z.int().min(1),
  owner: z.strictObject({
    pid: z.int().min(1),
    /** Clock ticks after boot, /proc/PID/stat field 22: with the boot id it tells a process from a later one of that pid. */
    startTicks: z.int(),
    bootId: z.string(),
  }),
})
export type SwapfileHeader = z.infer<typeof SwapfileHeader>

const digest = (page: Uint8Array) => createHash('sha256').update(page.subarray(0, DIGEST_AT)).digest()

/** Fills `page` (one page, any content) with the header. */
export function encodeHeader(page: Uint8Array, header: SwapfileHeader): void {
  const json = new TextEncoder().encode(JSON.stringify(header))
  if (json.length > DIGEST_AT - JSON_AT) throw new RangeError(`a swap file header of ${json.length} bytes`)
  page.fill(0, 0, PAGE_SIZE)
  page.set(new TextEncoder().encode(MAGIC))
  const view = new DataView(page.buffer, page.byteOffset, PAGE_SIZE)
  view.setUint32(16, VERSION, true)
  view.setUint32(20, json.length, true)
  page.set(json, JSON_AT)
  page.set(digest(page), DIGEST_AT)
}

/** The header in a page; null where it is not one of ours, whole and of a version we know. */
export function decodeHeader(page: Uint8Array): SwapfileHeader | null {
  if (page.length < PAGE_SIZE) return null
  if (new TextDecoder('latin1').decode(page.subarray(0, MAGIC.length)) !== MAGIC) return null
  if (!digest(page).equals(page.subarray(DIGEST_AT, PAGE_SIZE))) return null
  const view = new DataView(page.buffer, page.byteOffset, PAGE_SIZE)
  const length = view.getUint32(20, true)
  if (view.getUint32(16, true) !== VERSION || length > DIGEST_AT - JSON_AT) return null
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(page.subarray(JSON_AT, JSON_AT + length))
    const result = SwapfileHeader.safeParse(JSON.parse(text))
    return result.success ? result.data : null
  } catch {
    return null // no JSON: not ours
  }
}

/** Its page was written back from the pool: a fault that reads it from disk is a refault. */
export const SLOT_WRITTEN_BACK = 1
/** The backend's copy is on disk as well. */
const SLOT_ON_DISK_TOO = 2
/** The zero map's bit: the page is all zero, and stored nowhere. */
export const SLOT_ZERO = 4
/** On disk as the backend wrote it, who alone can read it back. */
export const SLOT_BACKEND_FORM = 8

/**
 * What mm knows of each slot of the swap area:
 *
 * frame  Int32  row = slot  the swap cache: frame that holds this slot's page, -1 none
 * vpn    Int32  row = slot  page that owns the slot, -1 free
 * flags  Uint8  row = slot  SLOT_ bits
 */
export class SwapSlots {
  readonly frame: Int32Array
  readonly vpn: Int32Array
  readonly flags: Uint8Array
  /** Slots whose copy in the backend is on disk as well. */
  cleanCopies = 0

  constructor(slots: number) {
    this.frame = new Int32Array(slots).fill(-1)
    this.vpn = new Int32Array(slots).fill(-1)
    this.flags = new Uint8Array(slots)
  }

  onDiskToo(slot: number): boolean {
    return (this.flags[slot] & SLOT_ON_DISK_TOO) !== 0
  }

  countWrittenBack(): number {
    let count = 0
    for (const flags of this.flags) if (flags & SLOT_WRITTEN_BACK) count++
    return count
  }

  isZero(slot: number): boolean {
    return (this.flags[slot] & SLOT_ZERO) !== 0
  }

  inBackendForm(slot: number): boolean {
    return (this.flags[slot] & SLOT_BACKEND_FORM) !== 0
  }

  /** The backend has taken a page that its slot on disk holds. */
  keepOnDiskToo(slot: number): void {
    this.flags[slot] |= SLOT_ON_DISK_TOO
    this.cleanCopies++
  }

  /** One of the two copies is gone, or out of date. */
  forgetSecondCopy(slot: number): void {
    if (!this.onDiskToo(slot)) return
    this.flags[slot] &= ~SLOT_ON_DISK_TOO
    this.cleanCopies--
  }
}

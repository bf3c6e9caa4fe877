/**
 * Real memory that the workload touches by itself, where there is any. Everything is decided as ever, and a frame holds what was mapped there; but the
 * workload no longer says what it reads and writes, so mm asks when it looks at a page, as a kernel asks the page table. A read leaves no trace.
 */
export interface AddressSpace {
  /** Whether a page was written since it was mapped or last asked. */
  written(vpn: number): boolean
  /** Takes a page out; its frame holds the content afterwards. Returns whether it was written after written() had said no. */
  unmap(vpn: number, frame: number): boolean
}

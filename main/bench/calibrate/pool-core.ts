import { type CoreMm, WRITEBACK_GONE } from '../../mm/index.ts'

/** A core mm that only hands out pool frames; their bytes stay as they are after a free. */
export function poolCore(first: number, count: number): CoreMm {
  const stack = Int32Array.from({ length: count }, (_, i) => first + count - 1 - i)
  let free = count
  return {
    allocFrame: () => (free > 0 ? stack[--free] : -1),
    nextFrame: () => (free > 0 ? stack[free - 1] : -1),
    freeFrame: (frame) => {
      stack[free++] = frame
    },
    reserveFree: 0,
    readForWriteback: () => WRITEBACK_GONE,
    writeback: () => {},
    waitForWrites: () => 0,
    inSwapCache: () => false,
    wroteBack: () => {},
    activePages: 0,
    inactivePages: 0,
    activeFilePages: 0,
    inactiveFilePages: 0,
    wasActive: () => true,
    freeFrames: 0,
    refaults: 0,
    stallNs: 0,
    nextStored: () => -1,
    committedPages: 0,
    ownerOf: () => -1,
    onDiskToo: () => false,
    cleanCopies: 0,
    countWrittenBack: () => 0,
    dropCopy: () => false,
    repatriate: () => false,
  }
}

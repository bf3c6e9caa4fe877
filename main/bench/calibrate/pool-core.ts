import { type CoreMm, IDLE_CORE } from '../../mm/index.ts'

/** A core mm that only hands out pool frames; their bytes stay as they are after a free. */
export function poolCore(first: number, count: number): CoreMm {
  const stack = Int32Array.from({ length: count }, (_, i) => first + count - 1 - i)
  let free = count
  return {
    ...IDLE_CORE,
    allocFrame: () => (free > 0 ? stack[--free] : -1),
    nextFrame: () => (free > 0 ? stack[free - 1] : -1),
    freeFrame: (frame) => {
      stack[free++] = frame
    },
  }
}

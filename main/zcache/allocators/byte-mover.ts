import type { ByteMover } from './allocator.ts'

/** Moves bytes of a real arena. */
export function arenaMover(arena: Uint8Array): ByteMover {
  return {
    move: (to, from, bytes) => {
      arena.copyWithin(to, from, from + bytes)
    },
  }
}

/** For a simulation: sizes only, no bytes. */
export const noMover: ByteMover = { move: () => {} }

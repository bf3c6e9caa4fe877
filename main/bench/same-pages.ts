import { native } from '../../native-bench/index.ts'
import { PAGE_SIZE } from '../contract/index.ts'
import type { SamePages } from '../mm/index.ts'

/** Same-filled pages as bytes: the frames of an arena are looked at, and filled again. */

const WORDS = PAGE_SIZE / 4

/** Pages of zeros alone; nothing but the caller's bit has to be kept. */
export function zeroPages(arena: { id: number; bytes: Uint8Array }): SamePages {
  const { id, bytes } = arena
  const { pageSameFilled } = native
  const words = wordsOf(bytes)
  return {
    keep: (_slot, frame) => endsAlike(words, frame) && pageSameFilled(id, frame) === 1,
    restore: (_slot, frame) => {
      bytes.fill(0, frame * PAGE_SIZE, (frame + 1) * PAGE_SIZE)
    },
  }
}

/** Pages of any repeated 64-bit word. words: Int32, two for each slot, low half first. */
export function wordPages(arena: { id: number; bytes: Uint8Array }, slots: number): SamePages {
  const { id, bytes } = arena
  const { pageSameFilled } = native
  const memory = wordsOf(bytes)
  const words = new Int32Array(2 * slots)
  return {
    keep(slot, frame) {
      if (!endsAlike(memory, frame) || pageSameFilled(id, frame) === 0) return false
      words[2 * slot] = memory[frame * WORDS]
      words[2 * slot + 1] = memory[frame * WORDS + 1]
      return true
    },
    restore(slot, frame) {
      const from = frame * WORDS
      const low = words[2 * slot]
      const high = words[2 * slot + 1]
      memory.fill(low, from, from + WORDS)
      if (high !== low) for (let at = from + 1; at < from + WORDS; at += 2) memory[at] = high
    },
  }
}

/** Whether its last word is its first: where it is not, which is most pages, no call into the addon is needed. */
function endsAlike(memory: Int32Array, frame: number): boolean {
  const first = frame * WORDS
  const last = first + WORDS - 2
  return memory[last] === memory[first] && memory[last + 1] === memory[first + 1]
}

function wordsOf(bytes: Uint8Array): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2)
}

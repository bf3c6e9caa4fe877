import type { AllocatorEntry, AllocatorName } from './allocator.ts'
import { z3fold } from './z3fold.ts'
import { zbud } from './zbud.ts'
import { zbudZswap } from './zbud-zswap.ts'
import { zsmalloc } from './zsmalloc.ts'

export {
  type Allocator,
  type AllocatorEntry,
  type AllocatorName,
  type ByteMover,
  type FrameAllocator,
  type FrameSource,
  MAX_VICTIM_ZPAGES,
} from './allocator.ts'
export { arenaMover, noMover } from './byte-mover.ts'

export const ALLOCATORS = {
  zbud,
  'zbud-zswap': zbudZswap,
  z3fold,
  zsmalloc,
} satisfies Record<AllocatorName, AllocatorEntry>

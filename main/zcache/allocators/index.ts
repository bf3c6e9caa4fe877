import type { AllocatorName } from '../../contract/index.ts'
import type { AllocatorEntry } from './allocator.ts'
import { z3fold } from './z3fold.ts'
import { zbud } from './zbud.ts'
import { zbudZswap } from './zbud-zswap.ts'
import { zsmalloc } from './zsmalloc.ts'

export type {
  Allocator,
  AllocatorEntry,
  ByteMover,
  FrameAllocator,
  FrameSource,
} from './allocator.ts'
export { arenaMover, noMover } from './byte-mover.ts'

/** Every allocator there is. To add one: its file, its row here, its name in the contract. */
export const ALLOCATORS = {
  zbud,
  'zbud-zswap': zbudZswap,
  z3fold,
  zsmalloc,
} satisfies Record<AllocatorName, AllocatorEntry>

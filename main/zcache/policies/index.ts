import { lruFrame } from './lru-frame.ts'
import type { PolicyEntry } from './policy.ts'

export type { Policy, PolicyEntry, PoolView } from './policy.ts'

export const POLICIES: Record<'lru-frame', PolicyEntry> = { 'lru-frame': lruFrame }

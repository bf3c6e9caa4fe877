import type { MadeAccess, PatternSpec } from './access-pattern.ts'

/** One specification of every pattern that is made, by its name. */
export const PATTERNS: { readonly [P in MadeAccess['pattern']]: PatternSpec<P> } = {
  sequential: { pattern: 'sequential', writes: 0.3 },
  uniform: { pattern: 'uniform', writes: 0.3 },
  zipf: { pattern: 'zipf', theta: 0.9, writes: 0.3 },
  phases: { pattern: 'phases', phases: 4, hot: 0.25, writes: 0.3 },
  'scan+hot': { pattern: 'scan+hot', hot: 0.1, scan: 0.3, writes: 0.3 },
  burst: { pattern: 'burst', size: 0.1, writes: 0.3 },
  gc: { pattern: 'gc', hot: 0.2, theta: 0.9, sweeps: 0.3, writes: 0.3 },
  tabs: { pattern: 'tabs', tabs: 24, recency: 1, close: 0.1, writes: 0.3 },
  build: { pattern: 'build', jobs: 8, shared: 0.2, sharing: 0.5, writes: 0.3 },
  inversion: { pattern: 'inversion', hot: 0.4, theta: 0.6, writes: 0.3 },
}

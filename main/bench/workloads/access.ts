import type { AccessSpec } from '../../contract/index.ts'
import { createBuild } from './build.ts'
import { createBurst } from './burst.ts'
import { createGc } from './gc.ts'
import { createInversion } from './inversion.ts'
import { createPhases } from './phases.ts'
import { createScanHot } from './scan-hot.ts'
import { createSequential } from './sequential.ts'
import type { AccessShape, AccessStream } from './stream.ts'
import { createTabs } from './tabs.ts'
import { openTrace } from './trace.ts'
import { createUniform } from './uniform.ts'
import { createZipf } from './zipf.ts'

/** A pattern whose accesses are made, not read from a file. */
export type MadeAccess = Exclude<AccessSpec, { pattern: 'trace' }>
type Pattern = MadeAccess['pattern']
type SpecOf<P extends Pattern> = Extract<MadeAccess, { pattern: P }>
type Factories = { [P in Pattern]: (spec: SpecOf<P>, shape: AccessShape) => AccessStream }

/** Every access pattern there is. To add one: its fields in the contract's AccessSpec, its file here, its row in this table. */
const ACCESS_PATTERNS: Factories = {
  sequential: createSequential,
  uniform: createUniform,
  zipf: createZipf,
  phases: createPhases,
  'scan+hot': createScanHot,
  burst: createBurst,
  gc: createGc,
  tabs: createTabs,
  build: createBuild,
  inversion: createInversion,
}

/** The accesses of a workload, endless and the same for the same arguments. */
export function createAccess<P extends Pattern>(spec: SpecOf<P> & { pattern: P }, shape: AccessShape): AccessStream {
  const factory: Factories[P] = ACCESS_PATTERNS[spec.pattern]
  return factory(spec, shape)
}

/** The same for any pattern: a trace is read, and checked whole, before its first access. @throws LabError of openTrace */
export async function openAccess(spec: AccessSpec, shape: AccessShape): Promise<AccessStream> {
  return spec.pattern === 'trace' ? await openTrace(spec, shape) : createAccess<Pattern>(spec, shape)
}

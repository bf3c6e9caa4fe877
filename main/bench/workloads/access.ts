import type { AccessSpec } from '../../contract/index.ts'
import { createBurst } from './burst.ts'
import { createPhases } from './phases.ts'
import { createScanHot } from './scan-hot.ts'
import { createSequential } from './sequential.ts'
import type { AccessShape, AccessStream } from './stream.ts'
import { createUniform } from './uniform.ts'
import { createZipf } from './zipf.ts'

type Pattern = AccessSpec['pattern']
type SpecOf<P extends Pattern> = Extract<AccessSpec, { pattern: P }>
type Factories = { [P in Pattern]: (spec: SpecOf<P>, shape: AccessShape) => AccessStream }

/** Every access pattern there is. To add one: its fields in the contract's AccessSpec, its file here, its row in this table. */
const ACCESS_PATTERNS: Factories = {
  sequential: createSequential,
  uniform: createUniform,
  zipf: createZipf,
  phases: createPhases,
  'scan+hot': createScanHot,
  burst: createBurst,
}

/** The accesses of a workload, endless and the same for the same arguments. */
export function createAccess<P extends Pattern>(spec: SpecOf<P> & { pattern: P }, shape: AccessShape): AccessStream {
  const factory: Factories[P] = ACCESS_PATTERNS[spec.pattern]
  return factory(spec, shape)
}

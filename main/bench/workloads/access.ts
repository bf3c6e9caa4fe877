import type { AccessSpec } from '../../contract/index.ts'
import type { MadeAccess, PatternSpec } from './access-pattern.ts'
import { Build } from './build.ts'
import { Burst } from './burst.ts'
import { Gc } from './gc.ts'
import { Inversion } from './inversion.ts'
import { Phases } from './phases.ts'
import { ScanHot } from './scan-hot.ts'
import { Sequential } from './sequential.ts'
import type { AccessShape, AccessStream } from './stream.ts'
import { Tabs } from './tabs.ts'
import { openTrace } from './trace.ts'
import { Uniform } from './uniform.ts'
import { Zipf } from './zipf.ts'

type Pattern = MadeAccess['pattern']
type Factories = { [P in Pattern]: (spec: PatternSpec<P>, shape: AccessShape) => AccessStream }

/** Every access pattern there is. To add one: its fields in the contract's AccessSpec, its file here, its row in this table. */
const ACCESS_PATTERNS: Factories = {
  sequential: (spec, shape) => new Sequential(spec, shape),
  uniform: (spec, shape) => new Uniform(spec, shape),
  // The uniform law needs neither ranks nor their places.
  zipf: (spec, shape) => (spec.theta === 0 ? new Uniform(spec, shape) : new Zipf(spec, shape)),
  phases: (spec, shape) => new Phases(spec, shape),
  'scan+hot': (spec, shape) => new ScanHot(spec, shape),
  burst: (spec, shape) => new Burst(spec, shape),
  gc: (spec, shape) => new Gc(spec, shape),
  tabs: (spec, shape) => new Tabs(spec, shape),
  build: (spec, shape) => new Build(spec, shape),
  inversion: (spec, shape) => new Inversion(spec, shape),
}

/** The accesses of a workload, endless and the same for the same arguments. */
export function createAccess<P extends Pattern>(
  spec: PatternSpec<P> & { pattern: P },
  shape: AccessShape,
): AccessStream {
  const factory: Factories[P] = ACCESS_PATTERNS[spec.pattern]
  return factory(spec, shape)
}

/** The same for any pattern: a trace is read, and checked whole, before its first access. @throws LabError of openTrace */
export async function openAccess(spec: AccessSpec, shape: AccessShape): Promise<AccessStream> {
  return spec.pattern === 'trace' ? await openTrace(spec, shape) : createAccess<Pattern>(spec, shape)
}

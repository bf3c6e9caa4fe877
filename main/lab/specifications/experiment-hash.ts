import { createHash } from 'node:crypto'
import { type ExperimentSpec, RecordedSpec, RING_FIELDS } from '../../contract/index.ts'

/**
 * Options that came after the first histories, with the value at which an experiment is what it was without them. There they are no
 * part of its identity: otherwise every new option would end the trends and baselines of all experiments before it.
 */
const ADDED_OPTIONS: readonly { path: readonly string[]; asBefore: unknown }[] = [
  { path: ['lanes', '*', 'freeze'], asBefore: { at: null, thaw: null } },
  { path: ['lanes', '*', 'writebackThread'], asBefore: 'off' },
  { path: ['mm', 'fileReadahead'], asBefore: 1 },
  ...RING_FIELDS.map(([field, asBefore]) => ({ path: ['swapfile', field], asBefore })),
]

/** JSON with sorted keys and no spaces: one text for one value. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined)
    entries.sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`
  }
  return JSON.stringify(value)
}

/** Identity of an experiment: sha256 of its canonical JSON. Its name is no part of what is measured. */
export function experimentHash(spec: ExperimentSpec): string {
  const { name: _, mode, simulate, adaptive, ...measured } = RecordedSpec.parse(spec)
  // As before there was a simulator, and before trials could be added: such an experiment keeps its identity.
  const simulated = mode === 'simulate' ? { mode, simulate } : {}
  const growing = adaptive.limit > 0 ? { adaptive } : {}
  // Without a mapped file there is nothing to read ahead of, however far.
  const mm = measured.workload.file.share > 0 ? measured.mm : { ...measured.mm, fileReadahead: 1 }
  let identity: unknown = { ...measured, mm, ...simulated, ...growing }
  for (const { path, asBefore } of ADDED_OPTIONS) identity = without(identity, path, canonicalJson(asBefore))
  return createHash('sha256').update(canonicalJson(identity)).digest('hex')
}

/** The value less what stands at the path, where its JSON is this one; `*` is each item of a list. */
function without(value: unknown, [key, ...below]: readonly string[], json: string): unknown {
  if (Array.isArray(value)) return value.map((item) => without(item, below, json))
  if (value === null || typeof value !== 'object' || !(key in value)) return value
  const { [key]: inner, ...others } = value as Record<string, unknown>
  if (below.length === 0) return canonicalJson(inner) === json ? others : value
  return { ...others, [key]: without(inner, below, json) }
}

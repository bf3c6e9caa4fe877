import { z } from 'zod'

/** Writeback policies by the names specifications use; their rules, sources and parameters: "swaplab policies". */
export const PolicyName = z.enum([
  'lru-frame',
  'none',
  'optimal',
  'reject',
  'lru-zpage',
  'one-per-store',
  'batch-at-limit',
  'watermark',
  'lru-balance',
  'lru-balance-ephemeral-first',
  'idle-drip',
  'idle-age',
  'incompressible-first',
  'second-chance',
  'protected-feedback',
  'cold-age',
  'senpai',
  'cost-benefit',
  'frontswap-shrink',
  'keep-clean',
])
export type PolicyName = z.infer<typeof PolicyName>

const POLICY_FILE = /\.m?[jt]s$/

/** Whether a policy is chosen by the path of a user's own file. */
export function isPolicyPath(choice: string): boolean {
  return POLICY_FILE.test(choice)
}

function noPolicy({ input }: { input?: unknown }): string {
  return `${JSON.stringify(input)} is neither the path of a .ts, .mts, .js or .mjs file nor one of ${PolicyName.options.join(', ')}`
}

/** A policy by name, or by the path of a file: absolute in a run; the command line takes it relative to the specification. */
export const PolicyChoice = z.union([PolicyName, z.string().max(4096).regex(POLICY_FILE, { error: noPolicy })], {
  error: noPolicy,
})
export type PolicyChoice = z.infer<typeof PolicyChoice>

/** Note of a lane: which text of a user's policy file it was carried out with. What the file imports is not in it. */
export function policyFileNote(file: string, sha256: string): string {
  return `policy ${file}: sha256 ${sha256.slice(0, 16)}`
}

/** The digest in it among a lane's notes; undefined where there is none: no policy of a user's, or an older run. */
export function policyDigestOf(notes: readonly string[]): string | undefined {
  return notes.flatMap((note) => /^policy .+: sha256 ([0-9a-f]{16})$/.exec(note)?.[1] ?? [])[0]
}

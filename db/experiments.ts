import type { Kysely } from 'kysely'
import { type ExperimentSpec, laneLabel } from '../main/contract/index.ts'
import type { Tables } from './schema.ts'

/** Keeps a specification under its hash; the same one twice is one row. */
export async function rememberExperiment(
  db: Kysely<Tables>,
  experiment: { hash: string; spec: ExperimentSpec; createdAt: string },
): Promise<void> {
  await db
    .insertInto('experiments')
    .values({
      hash: experiment.hash,
      spec_json: JSON.stringify(experiment.spec),
      lanes_json: JSON.stringify(experiment.spec.lanes.map(laneLabel)),
      created_at: experiment.createdAt,
    })
    .onConflict((conflict) => conflict.column('hash').doNothing())
    .execute()
}

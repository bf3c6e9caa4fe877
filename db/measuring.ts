import type { Kysely } from 'kysely'
import type { Owner } from './rows.ts'
import type { Tables } from './schema.ts'

/** Two measurements on one host would measure each other: the one row of this table is the right to measure. */
export interface Measuring {
  /** For a person: "run 2026…", "calibration". */
  what: string
  runId: string | null
  owner: Owner
}

/**
 * Takes the right to measure; null where it is ours now, else who has it. A holder that is dead (by `isAlive`) loses it.
 */
export async function takeMeasuring(
  db: Kysely<Tables>,
  wanted: Measuring & { since: string },
  isAlive: (owner: Owner) => boolean,
): Promise<Measuring | null> {
  return db.transaction().execute(async (tx) => {
    const holder = await whoMeasures(tx)
    if (holder && isAlive(holder.owner)) return holder
    await tx.deleteFrom('measuring').execute()
    await tx
      .insertInto('measuring')
      .values({
        id: 1,
        what: wanted.what,
        run_id: wanted.runId,
        owner_pid: wanted.owner.pid,
        owner_start: wanted.owner.start,
        owner_boot: wanted.owner.boot,
        since: wanted.since,
      })
      .execute()
    return null
  })
}

/** With since when, ISO 8601; null: nobody. Whoever it is may be dead. */
export async function whoMeasures(db: Kysely<Tables>): Promise<(Measuring & { since: string }) | null> {
  const row = await db.selectFrom('measuring').selectAll().executeTakeFirst()
  if (!row) return null
  return {
    what: row.what,
    runId: row.run_id,
    owner: { pid: row.owner_pid, start: row.owner_start, boot: row.owner_boot },
    since: row.since,
  }
}

/** Gives the right back; nothing happens where another has it by now. */
export async function releaseMeasuring(db: Kysely<Tables>, held: Measuring): Promise<void> {
  await db
    .deleteFrom('measuring')
    .where('what', '=', held.what)
    .where('owner_pid', '=', held.owner.pid)
    .where('owner_start', '=', held.owner.start)
    .where('owner_boot', '=', held.owner.boot)
    .execute()
}

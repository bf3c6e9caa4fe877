import type { Kysely } from 'kysely'

/** One step of the schema, from version - 1 to version. Once released, never changed: the next change is the next file. */
export interface Migration {
  version: number
  name: string
  /** Runs inside the opening transaction; must not commit. */
  up(db: Kysely<unknown>): Promise<void>
}

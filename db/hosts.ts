import type { Kysely } from 'kysely'
import type { HostReport } from '../main/contract/index.ts'
import type { Tables } from './schema.ts'

/** Keeps the host's latest report under its identity. */
export async function rememberHost(db: Kysely<Tables>, host: HostReport): Promise<void> {
  const report_json = JSON.stringify(host)
  await db
    .insertInto('hosts')
    .values({ id: host.id, report_json, first_seen: host.readAt, last_seen: host.readAt })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ report_json, last_seen: host.readAt }))
    .execute()
}

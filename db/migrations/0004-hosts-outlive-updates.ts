import { createHash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Migration } from './migration.ts'

interface Report {
  cpu?: { model: string; cores: number }
  memoryBytes: number
  device: { model: string | null; device: string | null }
}

/** What a host is known by from this version on. */
function identity({ cpu, memoryBytes, device }: Report): string | null {
  if (!cpu) return null
  const stable = [cpu.model, cpu.cores, 2 ** Math.ceil(Math.log2(memoryBytes)), device.model ?? device.device]
  return createHash('sha256').update(JSON.stringify(stable)).digest('hex').slice(0, 16)
}

/**
 * Kernel line and firmware were part of a host's identity, so that a history ended with each update. Hosts that are the same without them become
 * one, with the latest report; of two baselines of an experiment the one pinned last stays.
 */
export const hostsOutliveUpdates: Migration = {
  version: 4,
  name: 'hosts outlive updates',
  async up(db: Kysely<unknown>) {
    const { rows } = await sql<{ id: string; report: string }>`
      select id, report_json as report from hosts order by last_seen desc`.execute(db)
    for (const { id: old, report } of rows) {
      const id = identity(JSON.parse(report))
      if (id === null || id === old) continue
      await sql`insert into hosts (id, report_json, first_seen, last_seen)
        select ${id}, json_set(report_json, '$.id', ${id}), first_seen, last_seen from hosts where id = ${old}
        on conflict (id) do update set first_seen = min(first_seen, excluded.first_seen)`.execute(db)
      await sql`update runs set host_id = ${id}, host_json = json_set(host_json, '$.id', ${id})
        where host_id = ${old}`.execute(db)
      await sql`insert into baselines (experiment_hash, host_id, run_id, pinned_at)
        select experiment_hash, ${id}, run_id, pinned_at from baselines where host_id = ${old}
        on conflict (experiment_hash, host_id) do update set run_id = excluded.run_id, pinned_at = excluded.pinned_at
          where excluded.pinned_at > baselines.pinned_at`.execute(db)
      await sql`delete from baselines where host_id = ${old}`.execute(db)
      await sql`delete from hosts where id = ${old}`.execute(db)
    }
  },
}

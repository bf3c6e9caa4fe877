import { type Kysely, sql } from 'kysely'
import type { Migration } from './migration.ts'

/** Trials that are rewritten together. */
const TOGETHER = 100

/** Packed buckets that end in the middle of a number: damaged before, and still told as that when it is read. */
const UNREADABLE = Uint8Array.of(128)

/** Before: n counts as float64, then n bucket numbers as uint16. */
function packed(old: Uint8Array): Uint8Array {
  if (old.byteLength % 10 !== 0) return UNREADABLE
  const view = new DataView(old.buffer, old.byteOffset, old.byteLength)
  const buckets = old.byteLength / 10
  const bytes: number[] = []
  const put = (number: number) => {
    let rest = number
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push(128 + (rest % 128))
    bytes.push(rest)
  }
  let last = 0
  for (let i = 0; i < buckets; i++) {
    const bucket = view.getUint16(buckets * 8 + i * 2, true)
    put(bucket - last)
    put(view.getFloat64(i * 8, true))
    last = bucket
  }
  return Uint8Array.from(bytes)
}

/** What cannot be read stays as it is, and costs its own run alone. */
function columns(rows: string): string {
  let samples: Record<string, unknown>[]
  try {
    samples = JSON.parse(rows)
  } catch {
    return rows
  }
  const names = Object.keys(samples[0] ?? {})
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, samples.map((sample) => sample[name])])))
}

/**
 * Histograms by distances and variable lengths, series by column: together a fifth of the room. Columns of new names, so that an older version that has the file
 * open fails instead of taking one form for the other. Tables made anew, since rows that shrink in their place would
 * send every old page through the log.
 */
export const packedDistributions: Migration = {
  version: 7,
  name: 'packed distributions',
  async up(db: Kysely<unknown>) {
    await sql`create table packed_histograms (
      trial_id integer not null references trials (id) on delete cascade,
      name text not null,
      packed_buckets blob not null,
      sum_ns real not null,
      min_ns real not null,
      max_ns real not null,
      primary key (trial_id, name)
    )`.execute(db)
    await sql`create table column_series (
      trial_id integer primary key references trials (id) on delete cascade,
      columns_json text not null
    )`.execute(db)
    for (let done = 0; ; ) {
      const { rows: trials } = await sql<{ id: number }>`
        select id from trials where id > ${done} order by id limit ${TOGETHER}`.execute(db)
      if (trials.length === 0) break
      for (const { id } of trials) {
        done = id
        const { rows } = await sql<{ name: string; buckets: Uint8Array }>`
          select name, buckets from histograms where trial_id = ${id}`.execute(db)
        for (const { name, buckets } of rows)
          await sql`insert into packed_histograms
            select trial_id, name, ${packed(buckets)}, sum_ns, min_ns, max_ns from histograms
            where trial_id = ${id} and name = ${name}`.execute(db)
        const { rows: series } = await sql<{ samples: string }>`
          select samples_json as samples from time_series where trial_id = ${id}`.execute(db)
        for (const { samples } of series)
          await sql`insert into column_series values (${id}, ${columns(samples)})`.execute(db)
      }
    }
    await sql`drop table histograms`.execute(db)
    await sql`drop table time_series`.execute(db)
    await sql`alter table packed_histograms rename to histograms`.execute(db)
    await sql`alter table column_series rename to time_series`.execute(db)
  },
}

/** Counters that are levels, not totals. */
const LEVELS: readonly RegExp[] = [
  /_max$/,
  // zcache
  /^(pers|eph)_(pageframes|zpages|zbytes)$/,
  /^obj(node)?_count/,
  /^(last_(in)?active|outstanding)_/,
  // Xen
  /^balloon_/,
  // RAMster
  /^remote_(pers_pages|zbytes)$/,
  // zswap
  /^((stored(_incompressible)?|same_filled)_pages|pool_total_size|zswap|zswapped)$/,
  // zram
  /^(orig_data_size|compr_data_size|mem_used_total|mem_limit|mem_used_max|same_pages|huge_pages|bd_count)$/,
  /^(recompressed_pages|incompressible_pages)$/,
  // Allocators
  /^(eph_)?((buddied|unbuddied|full|headless|zombie)_count|pages_nr)$/,
  /^zbud_(pers|eph)_(zbytes|zpages|pageframes|(buddied|unbuddied|zombie)_count)$/,
  /^(pages_used|obj_allocated|obj_used|freeable|size_classes|huge_objects)$/,
  /^zspages_/,
  // The log
  /^log_(segments_free|live_pages)$/,
]

/** What was counted between two readings; of a level, its value at the end. */
export function countedBetween(before: Record<string, number>, after: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after).map(([name, value]) => [
      name,
      LEVELS.some((level) => level.test(name)) ? value : value - (before[name] ?? 0),
    ]),
  )
}

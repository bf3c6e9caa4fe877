import { PAGE_SIZE } from '../../contract/index.ts'
import type { HistogramData } from '../measure/histogram.ts'
import { percentileMetrics } from '../measure/percentile-metrics.ts'
import type { World } from '../world.ts'

/** What the measured part of a trial has left behind; counts and times of that part alone. */
export interface MeasuredPart {
  accesses: number
  /** Without asides. */
  elapsedNs: number
  faults: number
  /** From the swap area and the mapped file. */
  pagesRead: number
  counters: Record<string, number>
  /** Of the pool and its codec, as they are. */
  poolMetrics: Record<string, number>
  /** Pages the backend has written back; null without a backend. */
  writtenBack: number | null
  /** What the process used before and after; null where that says nothing about the trial. */
  usage: { before: Usage; after: Usage; peakIsOfIt: boolean } | null
  histograms: Record<string, HistogramData>
  /** Pages that no policy could do without reading; null where that is not known. */
  leastReads: number | null
}
type Usage = NonNullable<ReturnType<World['usage']>>

/** The metrics of a trial, by the names that reports use. */
export function metricsOf(part: MeasuredPart): Record<string, number> {
  const { accesses, elapsedNs, faults, counters, usage, writtenBack, leastReads } = part
  const metrics: Record<string, number> = {
    'accesses.per_s': (accesses / elapsedNs) * 1e9,
    'faults.per_s': (faults / elapsedNs) * 1e9,
    'disk.bytes_written': (counters.log_written_pages ?? counters.pswpout) * PAGE_SIZE,
    'disk.bytes_read': part.pagesRead * PAGE_SIZE,
    ...part.poolMetrics,
  }
  if (leastReads !== null) metrics['disk.bytes_read.least'] = leastReads * PAGE_SIZE
  if (usage) {
    metrics['cpu.user_s'] = usage.after.userS - usage.before.userS
    metrics['cpu.sys_s'] = usage.after.sysS - usage.before.sysS
    if (usage.peakIsOfIt) metrics['rss.peak_bytes'] = usage.after.maxRssBytes
  }
  if (writtenBack !== null) metrics['writeback.pages_per_s'] = (writtenBack / elapsedNs) * 1e9
  if (writtenBack) metrics['writeback.frames_per_page'] = counters.writeback_frames / writtenBack
  if (counters.log_blocks > 0) metrics['writeback.packing.ratio'] = counters.log_block_zpages / counters.log_blocks
  if (counters.log_written_pages > counters.log_cleaned_pages)
    metrics['log.write_amplification'] =
      counters.log_written_pages / (counters.log_written_pages - counters.log_cleaned_pages)
  return Object.assign(metrics, percentileMetrics(part.histograms))
}

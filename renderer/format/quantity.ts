import { type Metric, PAGE_SIZE, SENSORS, type SensorName } from '../../main/contract/index.ts'

/**
 * Figures for a person: three significant digits, the unit beside them, one locale. An absent figure is an en dash, never a 0.
 * The locale is fixed to English, the language of the interface, so that exported screenshots read the same everywhere.
 */

const LOCALE = 'en-GB'
export const ABSENT = '–'
/** Between a figure and its unit, which stay in one line. */
const NO_BREAK = '\u00a0'

const integers = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 })
const threeDigits = new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 3, minimumSignificantDigits: 3 })
const percents = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 })
const ONE_DECIMAL = { minimumFractionDigits: 1, maximumFractionDigits: 1 } as const
const measuredPercents = new Intl.NumberFormat(LOCALE, ONE_DECIMAL)
const signedPercents = new Intl.NumberFormat(LOCALE, { ...ONE_DECIMAL, signDisplay: 'exceptZero' })
const largeShifts = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0, signDisplay: 'exceptZero' })

const dateTimes = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'short' })

function significant(value: number): string {
  if (value === 0) return '0'
  // Rounding first: 999.6 must read 1,000, not 1.00e3.
  return Math.abs(value) >= 100 ? integers.format(value) : threeDigits.format(value)
}

function scaled(value: number, base: number, units: readonly string[]): string {
  let index = 0
  let rest = value
  // 999.5 would be rounded to 1,000 of the smaller unit.
  while (Math.abs(rest) >= base - 0.5 && index < units.length - 1) {
    rest /= base
    index += 1
  }
  const text = index === 0 && Number.isInteger(rest) ? integers.format(rest) : significant(rest)
  return `${text}${NO_BREAK}${units[index]}`
}

/** Nanoseconds: 850 ns, 12.3 µs, 4.56 ms, 1.20 s. */
export function formatNs(ns: number): string {
  return scaled(ns, 1000, ['ns', 'µs', 'ms', 's'])
}

/** Bytes in binary units: 512 B, 1.50 KiB, 64.0 MiB. */
export function formatBytes(bytes: number): string {
  return scaled(bytes, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'])
}

/** Pages of 4096 bytes as bytes. */
export function pagesAsBytes(pages: number): string {
  return formatBytes(pages * PAGE_SIZE)
}

/** Events per second: 12.3 k/s. */
export function formatRate(perSecond: number): string {
  return scaled(perSecond, 1000, ['/s', 'k/s', 'M/s', 'G/s'])
}

/** Bytes per second: 12.3 MiB/s. */
export function formatByteRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`
}

export function formatCount(value: number): string {
  return Number.isInteger(value) ? integers.format(value) : significant(value)
}

/** 0.123 → 12.3 %. */
export function formatShare(share: number): string {
  return `${percents.format(share * 100)}${NO_BREAK}%`
}

/** How far something is: whole per cent, 100 % at its end alone. */
export const formatProgress = (fraction: number): string => `${Math.floor(fraction * 100)}${NO_BREAK}%`

/** A measured share, one below the other: always one decimal, 17.0 % above 17.4 %. */
const formatMeasuredShare = (share: number): string => `${measuredPercents.format(share * 100)}${NO_BREAK}%`

/** 0.052 → +5.2 %; from ±100 % on in whole per cent. */
export function formatShift(shift: number | null): string {
  if (shift === null) return ABSENT
  const format = Math.abs(shift) < 1 ? signedPercents : largeShifts
  return `${format.format(shift * 100).replace('-', '−')}${NO_BREAK}%`
}

/** The size of a change, as a shift has it: 5.2 %; from 100 % on in whole per cent. */
export function formatChange(size: number): string {
  return size < 1 ? formatMeasuredShare(size) : `${integers.format(size * 100)}${NO_BREAK}%`
}

/** A sentence in which no line ends between a figure and its unit. */
export function wholeFigures(sentence: string): string {
  return sentence.replace(/(\d) (?=(?:%|×|ns|µs|ms|s|min|[KMGT]iB|[kMG]?\/s|pages)(?![\w]))/g, `$1${NO_BREAK}`)
}

/** Wall time of a run: 850 ms, 12.3 s, 4 min 05 s, 1 h 02 min. */
export function formatDuration(ms: number | null): string {
  if (ms === null) return ABSENT
  if (ms < 1000) return `${Math.round(ms)}${NO_BREAK}ms`
  const seconds = ms / 1000
  if (seconds < 59.95) return `${seconds.toFixed(1)}${NO_BREAK}s`
  const whole = Math.round(seconds)
  const pad = (value: number) => String(value).padStart(2, '0')
  if (whole < 3600) return `${Math.floor(whole / 60)}${NO_BREAK}min ${pad(whole % 60)}${NO_BREAK}s`
  return `${Math.floor(whole / 3600)}${NO_BREAK}h ${pad(Math.floor((whole % 3600) / 60))}${NO_BREAK}min`
}

/** Time left or elapsed, in whole seconds so that it does not flicker. */
export function formatClock(ms: number | null): string {
  return ms === null ? ABSENT : formatDuration(Math.max(1000, Math.round(ms / 1000) * 1000)).replace('.0', '')
}

export function formatWhen(iso: string): string {
  return dateTimes.format(new Date(iso))
}

/** A metric's value in the unit the contract gave it. */
export function formatMetric(value: number, unit: Metric['unit']): string {
  switch (unit) {
    case 'ns':
      return formatNs(value)
    case 'per_s':
      return formatRate(value)
    case 'bytes':
      return formatBytes(value)
    case 'pages':
      return `${formatCount(value)}${NO_BREAK}pages`
    case 'ratio':
      return `${significant(value)}${NO_BREAK}×`
    case 's':
      return formatNs(value * 1e9)
    case 'count':
      return formatCount(value)
    case 'share':
      return formatMeasuredShare(value)
  }
}

/** An interval: 974 µs … 1.13 ms; where both ends have the same unit, it is written once: 53.6 … 62.2 µs. */
export function formatInterval(low: number, high: number, unit: Metric['unit']): string {
  return joinEnds(formatMetric(low, unit), formatMetric(high, unit))
}

/** Of a shift: −20.0 … −11.0 %. */
export const formatShiftInterval = (low: number, high: number): string => joinEnds(formatShift(low), formatShift(high))

function joinEnds(low: string, high: string): string {
  const [figure, unit] = low.split(NO_BREAK)
  return `${unit !== undefined && high.endsWith(`${NO_BREAK}${unit}`) ? figure : low} … ${high}`
}

/** A reading of one of the host's sensors. */
export function formatSensor(sensor: SensorName, value: number): string {
  switch (SENSORS[sensor].unit) {
    case 'share':
      return formatMeasuredShare(value)
    case 'bytes':
      return formatBytes(value)
    case 'bytes_per_s':
      return formatByteRate(value)
    case 'celsius':
      return `${integers.format(value)}${NO_BREAK}°C`
    case 'mhz':
      return `${integers.format(value)}${NO_BREAK}MHz`
  }
}

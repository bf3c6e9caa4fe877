import type { Metric } from '../contract/index.ts'

/** Figures as a person reads them: three digits that mean something, and the unit that keeps them short. */

const significant = (value: number) =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)

/** The figure of a percentage, without its sign: one decimal below ten. */
export const digits = (value: number): string => (value >= 10 ? value.toFixed(0) : value.toFixed(1))

/** A time of so many ns, in ns, µs, ms or s. */
export function readableNs(ns: number): string {
  if (ns >= 1e9) return `${significant(ns / 1e9)} s`
  if (ns >= 1e6) return `${significant(ns / 1e6)} ms`
  if (ns >= 1e3) return `${significant(ns / 1e3)} µs`
  return `${ns.toFixed(0)} ns`
}

/** Bytes in binary units. */
export function readableBytes(bytes: number): string {
  if (bytes >= 2 ** 30) return `${significant(bytes / 2 ** 30)} GiB`
  if (bytes >= 2 ** 20) return `${significant(bytes / 2 ** 20)} MiB`
  if (bytes >= 2 ** 10) return `${significant(bytes / 2 ** 10)} KiB`
  return `${bytes.toFixed(0)} B`
}

function readableCount(count: number): string {
  if (count >= 1e6) return `${significant(count / 1e6)} M`
  if (count >= 1e4) return `${significant(count / 1e3)} k`
  return Number.isInteger(count) ? String(count) : significant(count)
}

/** A metric's value with its unit, as reports and sentences have it. */
export function readableMetric(value: number, unit: Metric['unit']): string {
  switch (unit) {
    case 'ns':
      return readableNs(value)
    case 'bytes':
      return readableBytes(value)
    case 'per_s':
      return `${readableCount(value)}/s`
    case 'pages':
      return `${readableCount(value)} pages`
    case 'ratio':
      return `${value.toFixed(2)}×`
    case 's':
      return `${significant(value)} s`
    case 'share':
      return `${(value * 100).toFixed(1)} %`
    case 'count':
      return readableCount(value)
  }
}

import { describe, expect, it } from 'vitest'
import {
  formatByteRate,
  formatBytes,
  formatChange,
  formatClock,
  formatCount,
  formatDuration,
  formatInterval,
  formatMetric,
  formatNs,
  formatRate,
  formatShare,
  formatShift,
  formatShiftInterval,
  pagesAsBytes,
  wholeFigures,
} from './quantity.ts'

/** The no-break space between number and unit, as a plain one. */
const plain = (text: string) => text.replaceAll('\u00a0', ' ')

describe('figures for a person', () => {
  it('are not parted from their unit at the end of a line', () => {
    for (const text of [pagesAsBytes(4096), formatShare(0.12), formatDuration(850)]) expect(text).not.toContain(' ')
  })

  it.each([
    [0, '0 ns'],
    [850, '850 ns'],
    [999, '999 ns'],
    [999.6, '1.00 µs'],
    [12_345, '12.3 µs'],
    [4_560_000, '4.56 ms'],
    [1_200_000_000, '1.20 s'],
    [75_000_000_000, '75.0 s'],
  ])('%d ns reads %s', (ns, text) => expect(plain(formatNs(ns))).toBe(text))

  it.each([
    [0, '0 B'],
    [512, '512 B'],
    [1024, '1.00 KiB'],
    [16_777_216, '16.0 MiB'],
    [1_073_741_824, '1.00 GiB'],
  ])('%d bytes reads %s', (bytes, text) => expect(plain(formatBytes(bytes))).toBe(text))

  it('turns pages of 4096 bytes into bytes', () => expect(plain(pagesAsBytes(4096))).toBe('16.0 MiB'))
  it('scales rates', () => {
    expect(plain(formatRate(12_345))).toBe('12.3 k/s')
    expect(plain(formatRate(2_500_000))).toBe('2.50 M/s')
    expect(plain(formatByteRate(2 ** 20))).toBe('1.00 MiB/s')
  })
  it('groups the digits of whole numbers', () => expect(formatCount(1_234_567)).toBe('1,234,567'))
  it('gives a shift its sign, with a true minus', () => {
    expect(plain(formatShift(0.052))).toBe('+5.2 %')
    expect([0.31, 0.052, 4.97].map((size) => plain(formatChange(size)))).toEqual(['31.0 %', '5.2 %', '497 %'])
    expect(plain(formatShift(-0.16))).toBe('−16.0 %')
    expect(plain(formatShift(0))).toBe('0.0 %')
    expect(plain(formatShift(21.216))).toBe('+2,122 %')
  })
  it('shows a dash, not a number, for a shift from a base of 0', () => expect(formatShift(null)).toBe('–'))
  it('shows shares as percent', () => expect(plain(formatShare(0.1234))).toBe('12.3 %'))
})

describe('durations', () => {
  it.each([
    [850, '850 ms'],
    [12_340, '12.3 s'],
    [59_990, '1 min 00 s'],
    [245_000, '4 min 05 s'],
    [3_720_000, '1 h 02 min'],
    [null, '–'],
  ])('%s ms reads %s', (ms, text) => expect(plain(formatDuration(ms))).toBe(text))

  it('counts down in whole seconds', () => expect(plain(formatClock(4_321))).toBe('4 s'))
})

describe('a sentence', () => {
  it('does not end a line between a figure and its unit', () => {
    expect(wholeFigures('41 % less [36 %, 47 %], 0.71 ms; 12 pages of 3 MiB')).toBe(
      '41\u00a0% less [36\u00a0%, 47\u00a0%], 0.71\u00a0ms; 12\u00a0pages of 3\u00a0MiB',
    )
    expect(wholeFigures('5 seconds, 10 of 10 minutes')).toBe('5 seconds, 10 of 10 minutes')
  })
})

describe('a metric', () => {
  it('is written in its own unit', () => {
    expect(plain(formatMetric(1500, 'ns'))).toBe('1.50 µs')
    expect(plain(formatMetric(2.41, 'ratio'))).toBe('2.41 ×')
    expect(plain(formatMetric(2048, 'pages'))).toBe('2,048 pages')
    expect(plain(formatMetric(0.00649, 's'))).toBe('6.49 ms')
    expect(plain(formatMetric(0.17, 'share'))).toBe('17.0 %')
  })
})

describe('an interval', () => {
  it('has its unit once where both ends have the same', () => {
    expect(plain(formatInterval(53_600, 62_200, 'ns'))).toBe('53.6 … 62.2 µs')
    expect(plain(formatInterval(1905, 2212, 'pages'))).toBe('1,905 … 2,212 pages')
    expect(plain(formatShiftInterval(-0.2, -0.11))).toBe('−20.0 … −11.0 %')
  })
  it('has both where they differ, and none where there is none', () => {
    expect(plain(formatInterval(974_000, 1_130_000, 'ns'))).toBe('974 µs … 1.13 ms')
    expect(plain(formatInterval(900, 40_000, 'per_s'))).toBe('900 /s … 40.0 k/s')
    expect(formatInterval(3, 4, 'count')).toBe('3 … 4')
  })
})

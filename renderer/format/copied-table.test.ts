import { expect, it } from 'vitest'
import { asMarkdown, asTsv } from './copied-table.ts'

const ROWS = [['Lane', 'p99'], ['raw | swap', '397 µs\n(369 … 429)'], ['zcache']]

it('is a line for each row, of cells between tabs', () => {
  expect(asTsv(ROWS)).toBe('Lane\tp99\nraw | swap\t397 µs (369 … 429)\nzcache\n')
})

it('is Markdown whose columns line up, with a cell for each column and no bar of its own', () => {
  expect(asMarkdown(ROWS)).toBe(
    [
      '| Lane        | p99                |',
      '| ----------- | ------------------ |',
      '| raw \\| swap | 397 µs (369 … 429) |',
      '| zcache      |                    |',
      '',
    ].join('\n'),
  )
})

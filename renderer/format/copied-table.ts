/** A table as text to be pasted elsewhere: rows of cells, the first of them the head. */
export type Cells = readonly (readonly string[])[]

/** Tab-separated, for a spreadsheet; a cell is one line. */
export const asTsv = (rows: Cells): string =>
  rows.map((row) => `${row.map((cell) => cell.replace(/\s+/g, ' ')).join('\t')}\n`).join('')

/** GitHub's Markdown, with columns lined up to be read as they are, in a mail or a commit. */
export function asMarkdown(rows: Cells): string {
  const count = Math.max(...rows.map(({ length }) => length))
  const cells = rows.map((row) =>
    Array.from({ length: count }, (_, at) => (row[at] ?? '').replace(/\s+/g, ' ').replaceAll('|', '\\|')),
  )
  const widths = Array.from({ length: count }, (_, at) => Math.max(3, ...cells.map((row) => row[at].length)))
  const line = (row: readonly string[]) => `| ${row.map((cell, at) => cell.padEnd(widths[at])).join(' | ')} |\n`
  const [head, ...body] = cells
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('')
}

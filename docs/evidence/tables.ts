/** Markdown for the pages of this folder. */

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`

/** The first column is text, the others are figures. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = row(head.map((_, column) => (column === 0 ? '---' : '---:')))
  return row(head) + rule + rows.map(row).join('')
}

export const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** The last rows of a table of multiples: their geometric mean over all rows, and the same with each seed alone. `of`: a column's, row by row, once with each seed. */
export function summaryRows(
  columns: readonly string[],
  of: (column: string) => readonly (readonly number[])[],
): string[][] {
  const bySeed = columns.map((column) => {
    const rows = of(column)
    return rows[0].map((_, seed) => geometricMean(rows.map((row) => row[seed])))
  })
  return [
    ['geometric mean', ...bySeed.map((seeds) => `**${geometricMean(seeds).toFixed(3)}**`)],
    ['with one seed', ...bySeed.map((seeds) => `${Math.min(...seeds).toFixed(2)} to ${Math.max(...seeds).toFixed(2)}`)],
  ]
}

/** Of positive values. */
export const geometricMean = (values: readonly number[]) => Math.exp(mean(values.map(Math.log)))

/** Markdown for the pages of this folder. */

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`

/** The first column is text, the others are figures. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = row(head.map((_, column) => (column === 0 ? '---' : '---:')))
  return row(head) + rule + rows.map(row).join('')
}

export const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** Of positive values. */
export const geometricMean = (values: readonly number[]) => Math.exp(mean(values.map(Math.log)))

import Table from 'cli-table3'

const PLAIN = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
}

/** Columns lined up by blanks only: readable, and easy to cut. `right` names the columns of figures. */
export function table(head: string[], rows: string[][], right: number[] = []): string {
  const view = new Table({
    head,
    chars: PLAIN,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: head.map((_, column) => (right.includes(column) ? 'right' : 'left')),
  })
  view.push(...rows)
  return view
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

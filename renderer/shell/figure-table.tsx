import { Group, Table, type TableProps, UnstyledButton } from '@mantine/core'
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { Fragment, type ReactNode, useRef } from 'react'
import type { Cells } from '../format/copied-table.ts'
import { CopyButtons } from './copy-buttons.tsx'

interface FigureTableProps extends TableProps {
  /** Names the table. */
  caption: string
  /** Below it the table scrolls sideways; without one, below what its cells take. */
  minWidth?: number | string
  /** Above it the table scrolls, px. */
  maxHeight?: number
  /** In a narrow window each row stands as a card, its figures below their names: every cell has its `data-title`. */
  cards?: boolean
  /** Its head stays in sight while the page is scrolled: a long one whose columns fit, of which nothing is scrolled sideways. */
  headStays?: boolean
  children: ReactNode
}

/** A table of figures, which can be scrolled and copied. */
export function FigureTable({
  caption,
  minWidth = 0,
  maxHeight,
  cards = false,
  headStays = false,
  className,
  children,
  ...table
}: FigureTableProps) {
  const shown = useRef<HTMLTableElement>(null)
  const whole = (
    <Table
      ref={shown}
      className={[className, cards && 'cards'].filter(Boolean).join(' ')}
      {...(headStays && { stickyHeader: true, stickyHeaderOffset: 'var(--swaplab-stays-above)' })}
      {...table}
    >
      <caption className="unseen">{caption}</caption>
      {children}
    </Table>
  )
  return (
    <div className={cards ? 'cards-room' : undefined}>
      {headStays ? (
        whole
      ) : (
        <Table.ScrollContainer
          minWidth={minWidth}
          maxHeight={maxHeight}
          scrollAreaProps={{ viewportProps: { tabIndex: 0, role: 'group', 'aria-label': caption } }}
        >
          {whole}
        </Table.ScrollContainer>
      )}
      <Group gap="md" justify="flex-end" mt={4}>
        <CopyButtons of={caption} cells={() => (shown.current ? cellsOf(shown.current) : [])} />
      </Group>
    </div>
  )
}

const cellsOf = ({ rows }: HTMLTableElement): Cells => [...rows].map(({ cells }) => [...cells].map(cellText))

/** As it is seen: a figure, and in brackets what stands below it. */
function cellText(cell: HTMLTableCellElement): string {
  const [figure = '', ...below] = seenText(cell)
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  return below.length > 0 ? `${figure} (${below.join(', ')})` : figure
}

/** Without what is only heard or not shown in this window; blocks are lines. */
function seenText(node: Node): string {
  if (node instanceof Text) return node.data
  if (!(node instanceof Element) || node.classList.contains('unseen') || !node.checkVisibility()) return ''
  const text = [...node.childNodes].map(seenText).join('')
  return getComputedStyle(node).display.startsWith('inline') ? text : `\n${text}\n`
}

interface ColumnHeadProps {
  numeric?: boolean
  className?: string
  title?: string
  w?: number | string
  children: ReactNode
}

/** The head of a column; of figures, at their right. */
export function ColumnHead({ numeric = false, className, title, w, children }: ColumnHeadProps) {
  return (
    <Table.Th scope="col" className={numeric ? 'numeric' : className} title={title} w={w}>
      {children}
    </Table.Th>
  )
}

export type Direction = 'ascending' | 'descending'

interface SortHeadProps extends ColumnHeadProps {
  /** How the table is ordered by this column; undefined where by another. */
  direction: Direction | undefined
  onSort: () => void
  children: string
}

/** The head of a column by which the table can be ordered. */
export function SortHead({ direction, onSort, numeric = false, className, title, children }: SortHeadProps) {
  const Arrow = direction === 'ascending' ? IconArrowUp : IconArrowDown
  return (
    <Table.Th scope="col" className={numeric ? 'numeric' : className} aria-sort={direction}>
      <UnstyledButton className="sort-head" title={title} onClick={onSort}>
        {breakable(children)}
        {direction ? <Arrow size={14} aria-hidden /> : null}
      </UnstyledButton>
    </Table.Th>
  )
}

/** A dotted name, which may go on in a second line behind each of its dots. */
const breakable = (name: string) =>
  name.split(/(?<=\.)/).map((part) => (
    <Fragment key={part}>
      {part}
      <wbr />
    </Fragment>
  ))

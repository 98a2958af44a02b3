/** A column of a table; its cell is the slot `cell-<key>`, or the member of that name. */
export interface Column<R> {
  key: string
  label: string
  /** Figures stand at the right. */
  align?: 'start' | 'end'
  /** What it is sorted by; left out, it is not. */
  sort?: (row: R) => string | number | null
  /** Left out where the screen is narrow. */
  wideOnly?: boolean
  /** A width in CSS; where rows are drawn as a grid a share too, such as `2fr`. */
  width?: string
  hideLabel?: boolean
}

export type Order = { key: string; down: boolean } | null

/** Rows in the order asked for; nothing sorts last, whatever the direction. */
export function sorted<R>(rows: readonly R[], columns: readonly Column<R>[], order: Order): readonly R[] {
  const by = columns.find((column) => column.key === order?.key)?.sort
  if (!order || !by) return rows
  const sign = order.down ? -1 : 1
  return [...rows].sort((left, right) => {
    const a = by(left)
    const b = by(right)
    if (a === null || b === null) return Number(a === null) - Number(b === null)
    if (typeof a === 'number' && typeof b === 'number') return sign * (a - b)
    return sign * String(a).localeCompare(String(b), undefined, { numeric: true })
  })
}

/** The order after a press on the head of a column: up, down, and as it was. */
export function turned(order: Order | undefined, key: string): Order {
  if (order?.key !== key) return { key, down: false }
  return order.down ? null : { key, down: true }
}

/** What a screen reader says of the head of a column. */
export function ariaSort<R>(column: Column<R>, order: Order | undefined) {
  if (!column.sort) return undefined
  if (order?.key !== column.key) return 'none'
  return order.down ? 'descending' : 'ascending'
}

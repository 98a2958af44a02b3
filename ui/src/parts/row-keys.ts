import type { Ref } from 'vue'

/** What the keys of a list do. */
export interface RowKeys {
  count: () => number
  cursor: Ref<number>
  /** Brings a row into view and gives it the focus. */
  show: (index: number) => void
  open: (index: number) => void
  select: (index: number) => void
  /** What the list's own key does to a row. */
  act?: (key: string, index: number) => boolean
}

/** Moves through rows: j and k or the arrows, Home and End; Enter or o opens, x or Space selects. */
export function useRowKeys(rows: RowKeys) {
  function move(to: number) {
    const index = Math.min(Math.max(to, 0), rows.count() - 1)
    if (index < 0) return
    rows.cursor.value = index
    rows.show(index)
  }

  const acts: Record<string, () => void> = {
    j: () => move(rows.cursor.value + 1),
    k: () => move(rows.cursor.value - 1),
    ArrowDown: () => move(rows.cursor.value + 1),
    ArrowUp: () => move(rows.cursor.value - 1),
    PageDown: () => move(rows.cursor.value + 20),
    PageUp: () => move(rows.cursor.value - 20),
    Home: () => move(0),
    End: () => move(rows.count() - 1),
    Enter: () => rows.open(rows.cursor.value),
    o: () => rows.open(rows.cursor.value),
    x: () => rows.select(rows.cursor.value),
    ' ': () => rows.select(rows.cursor.value),
  }

  function onKey(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const target = event.target as HTMLElement
    if (target.closest('input,textarea,select')) return
    // Enter and Space on a button or link in a row are its own.
    if ((event.key === 'Enter' || event.key === ' ') && target.closest('a,button')) return
    const act = acts[event.key]
    if (act) act()
    else if (!rows.act?.(event.key, rows.cursor.value)) return
    event.preventDefault()
  }

  return { onKey, move }
}

import { watch } from 'vue'

/** Scrolls a row that is wider than its place to the one that is chosen in it, whenever another is. */
export function keepInSight(chosen: () => Element | null | undefined, changes: () => unknown): void {
  watch(changes, () => chosen()?.scrollIntoView({ block: 'nearest', inline: 'nearest' }), { immediate: true, flush: 'post' })
}

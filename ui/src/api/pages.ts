import { computed, onScopeDispose, ref, shallowRef, toValue, type MaybeRefOrGetter, watch } from 'vue'

import { onReturn } from './away'

/** One page of a list, as every list of the server answers. */
export interface Page<T> {
  data: T[]
  next?: string | null
}

/** A list that is read page by page, newest first. */
export function usePages<T extends { id: string }>(
  key: MaybeRefOrGetter<string>,
  ask: (after: string | undefined, signal: AbortSignal) => Promise<Page<T>>,
) {
  const items = shallowRef<T[]>([])
  const failure = shallowRef<Error | null>(null)
  const next = ref<string | null>(null)
  const asking = ref(false)
  const started = ref(false)
  let abort = new AbortController()

  async function read(after: string | undefined, join: (page: Page<T>) => void): Promise<void> {
    const mine = abort
    asking.value = true
    try {
      const page = await ask(after, mine.signal)
      if (mine.signal.aborted) return
      join(page)
      failure.value = null
      started.value = true
    } catch (error) {
      if (!mine.signal.aborted) failure.value = error as Error
    } finally {
      if (mine === abort) asking.value = false
    }
  }

  function restart() {
    abort.abort()
    abort = new AbortController()
    return read(undefined, (page) => {
      items.value = page.data
      next.value = page.next ?? null
    })
  }

  function more(): Promise<void> {
    if (asking.value || !next.value) return Promise.resolve()
    return read(next.value, (page) => {
      items.value = [...items.value, ...page.data]
      next.value = page.next ?? null
    })
  }

  /** Puts what is new on top and renews what is known, without moving the rest. */
  function renew(): Promise<void> {
    if (asking.value) return Promise.resolve()
    return read(undefined, (page) => {
      const newest = new Map(page.data.map((item) => [item.id, item]))
      const known = new Set(items.value.map((item) => item.id))
      const gap = page.data.length > 0 && !page.data.some((item) => known.has(item.id))
      if (gap) {
        items.value = page.data
        next.value = page.next ?? null
        return
      }
      const added = page.data.filter((item) => !known.has(item.id))
      items.value = [...added, ...items.value.map((item) => newest.get(item.id) ?? item)]
    })
  }

  watch(
    () => toValue(key),
    () => {
      items.value = []
      started.value = false
      next.value = null
      void restart()
    },
    { immediate: true },
  )
  const endReturn = onReturn(() => void restart())
  onScopeDispose(() => {
    abort.abort()
    endReturn()
  })

  return {
    items,
    failure,
    /** Nothing to show yet. */
    loading: computed(() => !started.value && !failure.value),
    asking,
    hasMore: computed(() => next.value !== null),
    more,
    restart,
    renew,
  }
}

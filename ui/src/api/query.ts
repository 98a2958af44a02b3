import { computed, type ComputedRef, onScopeDispose, shallowRef, toValue, type MaybeRefOrGetter, watch } from 'vue'

import { onReturn } from './away'
import { entry, type Entry, refresh } from './cache'

/** A question to the server and what is known of its answer. */
export interface Query<T> {
  data: ComputedRef<T | undefined>
  /** Why there is no answer, or no newer one. */
  failure: ComputedRef<Error | null>
  /** Nothing to show yet. */
  loading: ComputedRef<boolean>
  /** Something is shown, and is being asked again. */
  refreshing: ComputedRef<boolean>
  refetch: () => Promise<void>
}

export interface QueryOptions {
  /** Milliseconds for which an answer is taken from the cache without asking; default 5,000. */
  fresh?: number
  /** Milliseconds after which it is asked again while it is seen. */
  every?: number
  /** Nothing is asked while this is false. */
  when?: MaybeRefOrGetter<boolean>
}

/**
 * Asks and keeps the answer under `key`: words apart by spaces, the first is the noun that `invalidate` names.
 * The last answer is shown at once while a newer one is on its way.
 */
export function useQuery<T>(
  key: MaybeRefOrGetter<string>,
  ask: (signal: AbortSignal) => Promise<T>,
  options: QueryOptions = {},
): Query<T> {
  const fresh = options.fresh ?? 5_000
  const current = shallowRef<Entry | null>(null)

  function leave() {
    const of = current.value
    if (!of) return
    of.watchers -= 1
    if (of.watchers === 0 && of.asking) {
      of.abort?.abort()
      of.asking = false
    }
    current.value = null
  }

  watch(
    [() => toValue(key), () => toValue(options.when) ?? true] as const,
    ([name, wanted]) => {
      leave()
      if (!wanted) return
      const of = entry(name)
      of.watchers += 1
      of.ask = ask
      current.value = of
      if (Date.now() - of.at > fresh) void refresh(of)
    },
    { immediate: true },
  )

  const again = () => {
    if (current.value) void refresh(current.value)
  }
  const endReturn = onReturn(again)
  const timer = options.every ? setInterval(() => !document.hidden && again(), options.every) : undefined
  onScopeDispose(() => {
    endReturn()
    clearInterval(timer)
    leave()
  })

  return {
    data: computed(() => current.value?.data as T | undefined),
    failure: computed(() => current.value?.failure ?? null),
    loading: computed(() => !!current.value && current.value.data === undefined && !current.value.failure),
    refreshing: computed(() => !!current.value && current.value.asking && current.value.data !== undefined),
    refetch: async () => {
      if (current.value) await refresh(current.value, true)
    },
  }
}

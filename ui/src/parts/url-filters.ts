import { computed, type WritableComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

import type { Filters } from './filters'

/** Filters that stand in the address, so that a link leads to the same list. */
export function useUrlFilters(keys: () => readonly { key: string }[]): WritableComputedRef<Filters> {
  const route = useRoute()
  const router = useRouter()
  const place = route.name
  let last: Filters = {}
  return computed({
    get() {
      // While another page is on its way the list stays as it is.
      if (route.name !== place) return last
      const found = keys().flatMap(({ key }) => {
        const value = route.query[key]
        return typeof value === 'string' && value ? [[key, value] as const] : []
      })
      last = Object.fromEntries(found)
      return last
    },
    set(to) {
      const others = Object.entries(route.query).filter(([key]) => !keys().some((one) => one.key === key))
      void router.replace({ query: { ...Object.fromEntries(others), ...to } })
    },
  })
}

import { computed, ref, watchEffect } from 'vue'

import { api, content } from '@/api/client'
import { useQuery } from '@/api/query'

/** Whose figures are looked at: those about real people, or those of tests, which are never added to them. */
export type Environment = 'live' | 'test'

const chosen = ref<Environment | null>(null)
const onlyTests = ref(false)

/** What was chosen in this tab; before that, tests where there is nothing else. */
export const environment = computed<Environment>({
  get: () => chosen.value ?? (onlyTests.value ? 'test' : 'live'),
  set: (to) => (chosen.value = to),
})

/** Learns whether no integration is about real people. */
export function useOnlyTests(): void {
  const { data } = useQuery('overview tests', async (signal) => (await content(api.GET('/admin/overview', { signal }))).testOnly, { fresh: 60_000 })
  watchEffect(() => {
    if (data.value !== undefined) onlyTests.value = data.value
  })
}

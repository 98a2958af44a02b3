import { api, content } from '@/api/client'
import { useQuery } from '@/api/query'
import type { components } from '@/api/schema'

export type EventType = components['schemas']['EventType']

/** Every event type there is. */
export function useCatalogue() {
  return useQuery(
    'catalogue',
    async (signal) => {
      const types: EventType[] = []
      let after: string | undefined
      do {
        const page: { data: EventType[]; next?: string | null } = await content(
          api.GET('/admin/event-types', { params: { query: { limit: '250', after } }, signal }),
        )
        types.push(...page.data)
        after = page.next ?? undefined
      } while (after)
      return types
    },
    { fresh: 60_000 },
  )
}

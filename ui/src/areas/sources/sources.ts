import { computed } from 'vue'

import { api, content } from '@/api/client'
import { usePages } from '@/api/pages'
import { useQuery } from '@/api/query'
import type { components } from '@/api/schema'
import { type Filters, instant } from '@/parts/filters'

export type Source = components['schemas']['Source'] & { id: string }
export type Rejection = components['schemas']['Rejection']

/** Every source and how it is; silence comes with time, so it is asked again. */
export function useSources() {
  return useQuery(
    'sources',
    async (signal) => {
      const all: Source[] = []
      let after: string | undefined
      do {
        const page: components['schemas']['Listed_Source'] = await content(api.GET('/admin/sources', { params: { query: { limit: '250', after } }, signal }))
        all.push(...page.data.map((one) => ({ ...one, id: one.integrationId })))
        after = page.next ?? undefined
      } while (after)
      return all
    },
    { every: 10_000 },
  )
}

/** What third parties are called, by the kind of their integrations. */
export function useTitles() {
  const { data } = useQuery('presets', async (signal) => (await content(api.GET('/admin/presets', { signal }))).data, { fresh: 60_000 })
  return computed(() => new Map(data.value?.map((one) => [one.name, one.title])))
}

const moment = (text: string | undefined) => (text && instant(text, Date.now())) || undefined

/** What doors refused, newest first. */
export function useRejections(filters: () => Filters) {
  return usePages<Rejection>(
    () => `rejections ${JSON.stringify(filters())}`,
    (after, signal) => {
      const { integration, door, code, standing, after: from, before: to } = filters()
      const query = { integrationId: integration, door, code, standing, from: moment(from), to: moment(to), after, limit: '100' }
      return content(api.GET('/admin/rejections', { params: { query }, signal }))
    },
  )
}

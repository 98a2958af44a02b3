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
      const { data } = await content(api.GET('/admin/sources', { params: { query: { limit: '250' } }, signal }))
      return data.map((one): Source => ({ ...one, id: one.integrationId }))
    },
    { every: 10_000 },
  )
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

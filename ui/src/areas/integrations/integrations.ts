import { api, content } from '@/api/client'
import { useQuery } from '@/api/query'
import type { components } from '@/api/schema'

export type Integration = components['schemas']['Integration']

/** All integrations of the organisation. */
export function useIntegrations() {
  return useQuery('integrations', async (signal) => {
    const page = await content(api.GET('/admin/integration', { params: { query: { limit: '250' } }, signal }))
    return page.data
  })
}

/** One integration. */
export function useIntegration(id: () => string) {
  return useQuery(
    () => `integrations ${id()}`,
    (signal) => content(api.GET('/admin/integration/{id}', { params: { path: { id: id() } }, signal })),
  )
}

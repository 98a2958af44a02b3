import { api, content } from '@/api/client'
import { useQuery } from '@/api/query'

/** The integrations that keys of systems are bound to. */
export function useBound(when: () => boolean) {
  return useQuery(
    'integrations all',
    async (signal) => (await content(api.GET('/admin/integration', { params: { query: { limit: '250' } }, signal }))).data,
    { when },
  )
}

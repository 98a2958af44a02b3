import { api, content } from '@/api/client'
import { useQuery } from '@/api/query'

/** The integration that webhooks hang under, for its name in the trail. */
export function useOwner(id: () => string) {
  return useQuery(
    () => `integrations owner ${id()}`,
    (signal) => content(api.GET('/admin/integration/{id}', { params: { path: { id: id() } }, signal })),
  )
}

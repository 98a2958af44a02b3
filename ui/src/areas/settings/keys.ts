import { api, content } from '@/api/client'
import { useQuery } from '@/api/query'
import type { components } from '@/api/schema'
import { whole } from '@/api/whole'

export type ApiKey = components['schemas']['ApiKey']

/** Every API key of the organisation. */
export function useKeys() {
  return useQuery('keys', (signal) => whole((after) => content(api.GET('/admin/keys', { params: { query: { limit: '250', after } }, signal }))))
}

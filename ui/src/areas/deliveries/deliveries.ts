import { api, content } from '@/api/client'
import { usePages } from '@/api/pages'
import { useQuery } from '@/api/query'
import type { components } from '@/api/schema'

export type Delivery = components['schemas']['Delivery']

/** Deliveries, newest first. */
export function useDeliveries() {
  return usePages<Delivery>('deliveries', (after, signal) =>
    content(api.GET('/admin/deliveries', { params: { query: { after, limit: '50' } }, signal })),
  )
}

/** A delivery with its attempts. */
export function useDelivery(id: () => string) {
  return useQuery(
    () => `deliveries ${id()}`,
    (signal) => content(api.GET('/admin/deliveries/{id}', { params: { path: { id: id() } }, signal })),
  )
}

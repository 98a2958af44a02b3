import { api, content } from '@/api/client'
import { usePages } from '@/api/pages'
import { useQuery } from '@/api/query'
import type { components } from '@/api/schema'
import { type Filters, moment } from '@/parts/filters'

export type Delivery = components['schemas']['Delivery']
export type Detail = components['schemas']['DeliveryDetail']
export type Request = components['schemas']['OutgoingRequest']
export type Revealed = components['schemas']['RevealedRequest']
export type Response = components['schemas']['AttemptResponse']

export const STATES = ['pending', 'waiting', 'held', 'delivered', 'dead_lettered', 'cancelled', 'withheld', 'expired'] as const
/** States in which a delivery is still owed. */
export const OWED: readonly string[] = ['pending', 'waiting', 'held']

/** Deliveries, newest first. */
export function useDeliveries(filters: () => Filters) {
  return usePages<Delivery>(
    () => `deliveries ${JSON.stringify(filters())}`,
    (after, signal) => {
      const { state, webhook, type, lane, error, after: from, before: to } = filters()
      const query = { state, webhookId: webhook, eventType: type, lane, error, from: moment(from), to: moment(to), after, limit: '100' }
      return content(api.GET('/admin/deliveries', { params: { query }, signal }))
    },
  )
}

/** A delivery with its attempts and its request. */
export function useDelivery(id: () => string) {
  return useQuery(
    () => `deliveries ${id()}`,
    (signal) => content(api.GET('/admin/deliveries/{id}', { params: { path: { id: id() } }, signal })),
  )
}

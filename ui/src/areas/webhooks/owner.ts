import { useQuery } from '@/api/query'

import { useWebhookStore } from './store'

/** The integration that webhooks hang under, for its name in the trail. */
export function useOwner(id: () => string) {
  const store = useWebhookStore()
  return useQuery(
    () => `integrations owner ${id()}`,
    (signal) => store.askOwner(id(), signal),
  )
}

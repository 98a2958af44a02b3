import { invalidate } from '@/api/cache'
import { api, content, fhir } from '@/api/client'
import { useQuery } from '@/api/query'

import { type Bundle, resources, type Standing, standing, type Subscription, subscription, topic } from './fhir-shapes'

/** A Subscription with how it stands, and the webhook that it is. */
export type Watched = Subscription & Standing & { webhookId: string | null }

/** The Subscriptions of an integration. */
export function useSubscriptions(id: () => string) {
  return useQuery(
    () => `subscriptions of ${id()}`,
    async (signal): Promise<Watched[]> => {
      const [found, states, webhooks] = await Promise.all([
        fhir<Bundle>(id(), 'Subscription', { signal }),
        fhir<Bundle>(id(), 'Subscription/$status', { signal }),
        content(api.GET('/admin/integration/{id}/webhooks', { params: { path: { id: id() } }, signal })),
      ])
      const stands = new Map(resources(states).map(standing))
      // A client may choose the id; the name that the webhook began with tells of it then.
      const webhookOf = (of: Subscription) => webhooks.find((one) => one.id === `whk_${of.id}` || one.name === `FHIR Subscription ${of.id}`)?.id ?? null
      return resources(found).map((one) => {
        const of = subscription(one)
        return { ...of, ...(stands.get(of.id) ?? { events: 0, error: null }), webhookId: webhookOf(of) }
      })
    },
    { every: 5_000 },
  )
}

/** What can be subscribed to at an integration. */
export function useTopics(id: () => string, version: () => string) {
  return useQuery(
    () => `topics of ${id()}`,
    async (signal) => resources(await fhir<Bundle>(id(), version() === '4.0.1' ? 'Basic' : 'SubscriptionTopic', { signal })).map(topic),
    { fresh: 60_000 },
  )
}

/** Sends what was numbered from `since` on once more; what the server says of it. */
export async function resend(id: string, of: string, since: number): Promise<string> {
  const body = { resourceType: 'Parameters', parameter: [{ name: 'eventsSinceNumber', valueString: String(since) }] }
  const outcome = await fhir<{ issue?: { diagnostics?: string }[] }>(id, `Subscription/${of}/$resend`, { method: 'POST', body })
  invalidate('subscriptions', 'deliveries')
  return outcome.issue?.[0]?.diagnostics ?? ''
}

export async function end(id: string, of: string): Promise<void> {
  await fhir(id, `Subscription/${of}`, { method: 'DELETE' })
  invalidate('subscriptions', 'webhooks')
}

import { invalidate } from '@/api/cache'
import { api, content } from '@/api/client'
import { useQuery } from '@/api/query'
import type { components } from '@/api/schema'

export type Integration = components['schemas']['Integration']
export type Pack = components['schemas']['EventPack']
export type Webhook = components['schemas']['Webhook']

/** The webhooks of an integration; `carehook listen` adds one from outside, so it is asked again. */
export function useWebhooks(integration: () => string) {
  return useQuery(
    () => `webhooks start ${integration()}`,
    async (signal) => webhooksOf(await content(api.GET('/admin/integration/{id}/webhooks', { params: { path: { id: integration() } }, signal }))),
    { every: 3_000, when: () => integration() !== '' },
  )
}

const webhooksOf = (page: Webhook[] | { data: Webhook[] }): Webhook[] => (Array.isArray(page) ? page : page.data)

export async function connect(settings: components['schemas']['IntegrationSettings']): Promise<Integration> {
  const made = await content(api.POST('/admin/integration', { body: settings }))
  invalidate('integrations', 'sources')
  return made
}

export async function direct(integration: string, settings: components['schemas']['WebhookSettings']): Promise<Webhook> {
  const made = await content(api.POST('/admin/integration/{id}/webhooks', { params: { path: { id: integration } }, body: settings }))
  invalidate('webhooks')
  return made
}

/** What an attempt took, in milliseconds. */
export interface Sent {
  ok: boolean
  status: number | null
  error: string | null
  /** Why, in this case. */
  detail: string | null
  /** What came back, if anything did. */
  response: components['schemas']['TestResponse'] | null
  phases: { dns: number; connect: number; tls: number; wait: number }
}

/** Sends one sample, marked as a test, with the very request that a delivery would make. */
export async function sendTest(integration: string, webhookId: string, eventType?: string): Promise<Sent> {
  const body = eventType ? { webhookId, eventType } : { webhookId }
  const result = await content(api.POST('/admin/integration/{id}/webhooks/test', { params: { path: { id: integration } }, body: body as never }))
  const failed = result.steps.find((step) => !step.ok)
  const ms = (name: string) => result.steps.find((step) => step.name === name)?.ms ?? 0
  return {
    ok: result.ok,
    status: result.status ?? null,
    error: failed?.error ?? null,
    detail: failed?.detail ?? null,
    response: result.response ?? null,
    phases: { dns: ms('dns'), connect: ms('connect'), tls: ms('tls'), wait: ms('request') + ms('response') },
  }
}

/** The types of a pack that the integration raises: the others would be refused. */
export function wanted(pack: Pick<Pack, 'eventTypes'>, integration: Pick<Integration, 'eventTypes'>): string[] {
  return pack.eventTypes.filter((type) => integration.eventTypes.includes(type))
}

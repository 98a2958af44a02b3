import { api, content } from '@/api/client'
import { useQuery } from '@/api/query'
import type { components } from '@/api/schema'

export type Webhook = components['schemas']['Webhook']

/** The webhooks of an integration. */
export function useWebhooks(integration: () => string) {
  return useQuery(
    () => `webhooks ${integration()}`,
    (signal) => content(api.GET('/admin/integration/{id}/webhooks', { params: { path: { id: integration() } }, signal })),
  )
}

/** One webhook. */
export function useWebhook(integration: () => string, webhook: () => string) {
  return useQuery(
    () => `webhooks ${integration()} ${webhook()}`,
    (signal) =>
      content(
        api.GET('/admin/integration/{id}/webhooks/{webhookId}', {
          params: { path: { id: integration(), webhookId: webhook() } },
          signal,
        }),
      ),
  )
}

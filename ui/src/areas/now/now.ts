import type { RouteLocationRaw } from 'vue-router'

import { api, content } from '@/api/client'
import { useQuery } from '@/api/query'
import type { components } from '@/api/schema'
import { environment } from '@/session/figures'

export type Overview = components['schemas']['Overview']
export type Item = components['schemas']['AttentionItem']

/** What matters now; asked again when something happens, and every 10 s for what time alone changes. */
export function useOverview() {
  return useQuery(
    () => `overview ${environment.value}`,
    (signal) => content(api.GET('/admin/overview', { params: { query: { environment: environment.value } }, signal })),
    { every: 10_000, fresh: 1_000 },
  )
}

/** Where an item is mended. */
export function placeOf(item: Item): RouteLocationRaw {
  if (item.kind === 'dead_letters') return '/dead-letters'
  if (item.kind === 'rejections_burst') return { name: 'sources', query: { tab: 'rejections', integration: item.integrationId ?? undefined } }
  if (item.kind.startsWith('source_')) return '/sources'
  if (item.kind === 'trigger_indeterminate') return '/triggers'
  if (item.kind === 'lane_late') return { name: 'deliveries', query: { state: 'pending', lane: item.lane ?? undefined } }
  if (item.webhookId && item.integrationId) return `/integrations/${item.integrationId}/webhooks/${item.webhookId}`
  if (item.webhookId) return { name: 'deliveries', query: { webhook: item.webhookId } }
  return '/settings/health'
}

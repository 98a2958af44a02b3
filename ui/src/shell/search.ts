import type { Router } from 'vue-router'

import { api, content } from '@/api/client'
import type { components } from '@/api/schema'
import { t } from '@/i18n'
import type { Command } from '@/parts/commands'
import type { IconName } from '@/parts/icons'

type Hit = components['schemas']['SearchHit']

/** What the server finds by name or by the beginning of an id; never by an identifier of a person. */
export async function searchEverything(router: Router, text: string): Promise<Command[]> {
  const { data } = await content(api.GET('/admin/search', { params: { query: { q: text.slice(0, TEXT_MAX) } } }))
  return data.map((hit): Command => {
    const to = placeOf(hit)
    return { id: hit.id, label: hit.name, hint: hit.detail || t('shell.openId'), icon: ICONS[hit.kind] ?? 'right', act: () => void router.push(to) }
  })
}

// The server takes no more.
const TEXT_MAX = 100

const ICONS: Record<string, IconName> = {
  integration: 'integrations',
  webhook: 'webhook',
  'event-type': 'catalogue',
  event: 'events',
  delivery: 'deliveries',
  redrive: 'retry',
}

/** The page of what was found. */
export function placeOf(hit: Hit): string {
  const id = encodeURIComponent(hit.id)
  switch (hit.kind) {
    case 'integration':
      return `/integrations/${id}`
    case 'webhook':
      return `/integrations/${encodeURIComponent(hit.integrationId ?? '')}/webhooks/${id}`
    case 'event-type':
      return `/catalogue/${id}`
    case 'event':
      return `/events/${id}`
    case 'delivery':
      return `/deliveries/${id}`
    default:
      // A redrive has no page of its own: it runs among the dead letters.
      return '/dead-letters'
  }
}

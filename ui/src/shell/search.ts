import type { Router } from 'vue-router'

import { api, content } from '@/api/client'
import { t } from '@/i18n'
import { type Command, ranked } from '@/parts/commands'

/** Finds by id, and integrations and event types by name; never by an identifier of a person. */
export async function searchEverything(router: Router, text: string): Promise<Command[]> {
  const go = (path: string) => () => void router.push(path)
  const id = byId(text)
  if (id) return [{ id: text, label: text, hint: t('shell.openId'), icon: 'right', act: go(id) }]
  const [integrations, types] = await Promise.all([
    content(api.GET('/admin/integration', { params: { query: { limit: '250' } } })),
    content(api.GET('/admin/event-types', { params: { query: { limit: '250' } } })),
  ])
  return ranked(
    [
      ...integrations.data.map((one): Command => ({ id: one.id, label: one.name, hint: t('shell.integrations'), icon: 'integrations', act: go(`/integrations/${one.id}`) })),
      ...types.data.map((one): Command => ({ id: one.type, label: one.type, hint: one.title, icon: 'catalogue', act: go(`/catalogue/${one.type}`) })),
    ],
    text,
  ).slice(0, FOUND_MAX)
}

// More than fits on a screen is narrowed by typing on.
const FOUND_MAX = 20
const PLACES: Record<string, string> = { evt: '/events/', dlv: '/deliveries/', int: '/integrations/' }

/** Where an id of ours leads; its form says what it is. */
export function byId(text: string): string | null {
  const [, kind = ''] = /^([a-z]{3})_[0-9a-z]{20,32}$/.exec(text) ?? []
  return PLACES[kind] ? `${PLACES[kind]}${text}` : null
}

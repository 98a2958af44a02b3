import { api, content } from '@/api/client'
import type { EventType } from '@/api/lists'
import { useQuery } from '@/api/query'
import type { components } from '@/api/schema'
import { said } from '@/i18n/said'

export type EventTypeDetail = components['schemas']['EventTypeDetail']
export type EventTypeSettings = components['schemas']['EventTypeSettings']

/** Everything about one event type. */
export function useEventType(type: () => string) {
  return useQuery(
    () => `catalogue type ${type()}`,
    (signal) => content(api.GET('/admin/event-types/{type}', { params: { path: { type: type() } }, signal })),
  )
}

/** A part of the catalogue: the types whose names begin alike. */
export interface Family {
  name: string
  types: EventType[]
  volume: number
}

/** The families of the types that hold every word of `text`, and are in `pack` if one is given. */
export function families(types: readonly EventType[], text: string, pack: string | null): Family[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const found = new Map<string, EventType[]>()
  for (const one of types) {
    const text = `${one.type} ${one.title} ${said(one.title)} ${one.description} ${one.objectType}`.toLowerCase()
    if (pack && !one.packs.includes(pack)) continue
    if (!words.every((word) => text.includes(word))) continue
    const name = one.type.split('.')[0] ?? one.type
    found.set(name, [...(found.get(name) ?? []), one])
  }
  return [...found]
    .map(([name, of]) => ({
      name,
      types: of.sort((left, right) => left.type.localeCompare(right.type)),
      volume: of.reduce((sum, one) => sum + one.volume24h, 0),
    }))
    .sort((left, right) => left.name.localeCompare(right.name))
}

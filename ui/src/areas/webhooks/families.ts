import type { EventType } from '@/api/lists'
import { said } from '@/i18n/said'

export interface Family {
  name: string
  types: EventType[]
}

/** The event types that match a search, by the first word of their names. */
export function families(types: readonly EventType[], search: string): Family[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const found = new Map<string, EventType[]>()
  for (const one of types) {
    const text = `${one.type} ${one.title} ${said(one.title)} ${one.description}`.toLowerCase()
    if (!words.every((word) => text.includes(word))) continue
    const name = one.type.split('.')[0] ?? one.type
    found.set(name, [...(found.get(name) ?? []), one])
  }
  return [...found].map(([name, members]) => ({ name, types: members }))
}

/** How many of the wanted types call for a person: those of the critical and urgent lanes. */
export function highValue(types: readonly EventType[], patterns: readonly string[]): number {
  return types.filter((one) => (one.lane === 'critical' || one.lane === 'urgent') && patterns.some((pattern) => wants(pattern, one.type))).length
}

/** Whether a pattern of a webhook names a type: itself, `*`, or a prefix with `.*`. */
export function wants(pattern: string, type: string): boolean {
  if (pattern === '*' || pattern === type) return true
  return pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1))
}

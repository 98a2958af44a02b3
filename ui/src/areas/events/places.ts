import { api, content } from '@/api/client'
import { useQuery } from '@/api/query'
import type { components } from '@/api/schema'

export type Mapping = components['schemas']['EventMapping']
type Rule = components['schemas']['EventMappingRule']
type Revealed = components['schemas']['RevealedPlace']

/** Which places are looked at. */
export const VIEWS = ['own', 'left', 'all'] as const
export type View = (typeof VIEWS)[number]

/** A place of a message as a row. */
export interface PlaceRow {
  id: string
  from: string | null
  to: string | null
  also: readonly string[]
  /** That of the API, or `refused`. */
  fate: string
  why: string | null
  rule: Rule | null
  /** Whether the event says something else at the element. */
  otherwise: boolean
  own: boolean
}

/** Where each field of an event's message went. */
export function useMapping(id: () => string) {
  return useQuery(
    () => `mapping ${id()}`,
    (signal) => content(api.GET('/admin/events/{id}/mapping', { params: { path: { id: id() } }, signal })),
  )
}

/** The places of a message, and what is refused of it on the way in. */
export function rowsOf(mapping: Mapping): PlaceRow[] {
  const own = mapping.resources.findIndex((one) => one.own)
  const places = mapping.places.map(({ from, to, also, fate, why, rule, resource, told }, index) => ({
    id: String(index),
    from: from ?? null,
    to: to ?? null,
    also,
    fate,
    why: why === 'unfit' && rule.table ? 'unfit_code' : (why ?? null),
    rule,
    otherwise: told === false && fate !== 'absent',
    own: own >= 0 && resource === own,
  }))
  const refused = mapping.refused.drop.map((path) => ({ id: path, from: path, to: null, also: [], fate: 'refused', why: 'refused', rule: null, otherwise: false, own: false }))
  return [...places, ...refused]
}

/** Whether a row is looked at, and found by what is looked for. */
export function isShown(row: PlaceRow, view: View, wanted: string): boolean {
  const fits = view === 'all' || (view === 'own' ? row.own : row.fate === 'unmapped' || row.fate === 'refused')
  const text = wanted.trim().toLowerCase()
  return fits && (text === '' || [row.from, row.to].some((place) => place?.toLowerCase().includes(text)))
}

const MENDED: Record<string, 'code' | 'rule' | 'settings'> = {
  unfit_code: 'code',
  unknown_code: 'code',
  no_row: 'rule',
  segment: 'rule',
  repetition: 'rule',
  beside: 'rule',
  again: 'rule',
  refused: 'settings',
}

/** What gives a place an element: a code in a table, a rule of the site, or the settings. Nothing of ours if null. */
export function mendOf(row: PlaceRow): 'code' | 'rule' | 'settings' | null {
  return MENDED[row.why ?? ''] ?? null
}

/** What places said and what it became, by the rows that are shown without it. */
export function valuesOf(revealed: readonly Revealed[]): Map<string, { said: string; became: string }> {
  const text = (value: unknown) => (value == null ? '' : typeof value === 'string' ? value : JSON.stringify(value))
  return new Map(revealed.map(({ from, to, said, became }) => [keyOf({ from, to }), { said: said ?? '', became: text(became) }]))
}

/** What ties a place to its values. */
export function keyOf({ from, to }: { from?: string | null; to?: string | null }): string {
  return `${from ?? ''} ${to ?? ''}`
}

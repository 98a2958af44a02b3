import { api, content } from '@/api/client'
import { usePages } from '@/api/pages'
import { useQuery } from '@/api/query'
import type { components } from '@/api/schema'
import { type Filters, moment } from '@/parts/filters'

export type Event = components['schemas']['Event']
export type Lineage = components['schemas']['EventLineage']
/** Whose events are looked for; it is sent in the body of a request and stands in no address. */
export type Subject = components['schemas']['SubjectSearch']

/** Events, newest first, those of a subject if one is given. */
export function useEvents(filters: () => Filters, subject: () => Subject | null) {
  return usePages<Event>(
    () => `events ${JSON.stringify([filters(), subject()])}`,
    (after, signal) => {
      const { type, status, lane, integration, after: from, before: to } = filters()
      const whose = subject()
      if (whose) {
        const body = { subject: whose, type, status, integrationId: integration, from: moment(from), to: moment(to), after, limit: 100 }
        return content(api.POST('/admin/events/search', { body, signal }))
      }
      const query = { eventType: type, status, lane, integrationId: integration, from: moment(from), to: moment(to), after, limit: '100' }
      return content(api.GET('/admin/events', { params: { query }, signal }))
    },
  )
}

/** What can have become of an event. */
export const FATES = ['failed', 'pending', 'delivered', 'unmatched'] as const

/** Whether an event type is meant by a filter: a name, `lab.*` or `*`. */
export function fits(wanted: string, type: string): boolean {
  return wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted
}

/** The whole life of an event, asked once. */
export function readLineage(id: string): Promise<Lineage> {
  return content(api.GET('/admin/events/{id}', { params: { path: { id } } }))
}

/** The whole life of an event. */
export function useLineage(id: () => string) {
  return useQuery(
    () => `events ${id()}`,
    (signal) => content(api.GET('/admin/events/{id}', { params: { path: { id: id() } }, signal })),
  )
}

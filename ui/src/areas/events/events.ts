import { api, content } from '@/api/client'
import { usePages } from '@/api/pages'
import { useQuery } from '@/api/query'
import type { components } from '@/api/schema'

export type Event = components['schemas']['Event']

/** Events, newest first. */
export function useEvents() {
  return usePages<Event>('events', (after, signal) => content(api.GET('/admin/events', { params: { query: { after, limit: '50' } }, signal })))
}

/** The whole life of an event. */
export function useLineage(id: () => string) {
  return useQuery(
    () => `events ${id()}`,
    (signal) => content(api.GET('/admin/events/{id}', { params: { path: { id: id() } }, signal })),
  )
}

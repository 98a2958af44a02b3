import { invalidate } from '@/api/cache'
import { api, content } from '@/api/client'
import { useQuery } from '@/api/query'
import type { components } from '@/api/schema'
import { whole } from '@/api/whole'

type Schemas = components['schemas']
export type Trigger = Schemas['Trigger']
export type TriggerSettings = Schemas['TriggerSettings']
export type Trial = Schemas['TriggerTestResult']
export type SentEvent = Schemas['TriggerTestSentEvent']
export type Clause = Schemas['TriggerClause']

/** Every trigger of the organisation. */
export function useTriggers() {
  return useQuery('triggers', (signal) => whole((after) => content(api.GET('/admin/triggers', { params: { query: { limit: '250', after } }, signal }))))
}

/** A trigger with the version that a change of it names. */
export interface Versioned {
  doc: Trigger
  version: string | null
}

/** One trigger; none while a new one is made. */
export function useTrigger(id: () => string | null) {
  return useQuery(
    () => `triggers ${id() ?? 'new'}`,
    async (signal): Promise<Versioned | null> => {
      const known = id()
      if (!known) return null
      const { data, response } = await api.GET('/admin/triggers/{id}', { params: { path: { id: known } }, signal })
      return { doc: data!, version: response.headers.get('etag') }
    },
  )
}

/** Makes a trigger, or replaces the one that the settings were made of. */
export async function save(of: Versioned | null, body: TriggerSettings): Promise<Trigger> {
  const headers = of?.version ? { 'if-match': of.version } : {}
  const made = of ? api.PUT('/admin/triggers/{id}', { params: { path: { id: of.doc.id } }, body, headers }) : api.POST('/admin/triggers', { body })
  const trigger = await content<Trigger>(made)
  invalidate('triggers')
  return trigger
}

/** What became of a trigger in the last day. */
export function useJudgements(id: () => string) {
  return useQuery(
    () => `triggers judgements ${id()}`,
    (signal) => content(api.GET('/admin/triggers/{id}/judgements', { params: { path: { id: id() }, query: { limit: '10' } }, signal })),
  )
}

/** Whether triggers look at events of a type: at none by which the platform and they themselves speak. */
export const isLookedAt = (eventType: string) => !/^(delivery|webhook|source|quota|trigger)\./.test(eventType)

/** Whether what it raises or looks at is a vital sign: then its intended use is told. */
export const isVital = (eventType: string) => eventType.startsWith('vital.')

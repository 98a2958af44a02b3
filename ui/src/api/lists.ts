import { api, content } from './client'
import { useQuery, type QueryOptions } from './query'
import type { components } from './schema'
import { whole } from './whole'

// Lists that several areas ask for, each whole and under one key.

const LONGEST = '250'
type When = Pick<QueryOptions, 'when'>

export type Integration = components['schemas']['Integration']
export type Preset = components['schemas']['Preset']
export type PresetField = components['schemas']['PresetField']
export type EventType = components['schemas']['EventType']
/** A source has the id of its integration. */
export type Source = components['schemas']['Source'] & { id: string }

/** Every integration of the organisation. */
export function useIntegrations(options: When = {}) {
  return useQuery('integrations list', readIntegrations, options)
}

/** Every integration, asked once. */
export function readIntegrations(signal?: AbortSignal): Promise<Integration[]> {
  return whole((after) => content(api.GET('/admin/integration', { params: { query: { limit: LONGEST, after } }, signal })))
}

/** Every source and how it is, newest first; silence comes with time, so it is asked again. */
export function useSources() {
  return useQuery(
    'sources',
    async (signal) => {
      const all = await whole((after) => content(api.GET('/admin/sources', { params: { query: { limit: LONGEST, after } }, signal })))
      return all.map((one): Source => ({ ...one, id: one.integrationId }))
    },
    { every: 10_000 },
  )
}

/** Every event type there is, of the catalogue and of one's own. */
export function useEventTypes() {
  return useQuery('catalogue', readEventTypes, { fresh: 60_000 })
}

/** Every event type, asked once. */
export function readEventTypes(signal?: AbortSignal): Promise<EventType[]> {
  return whole((after) => content(api.GET('/admin/event-types', { params: { query: { limit: LONGEST, after } }, signal })))
}

/** The starter packs. */
export function usePacks() {
  return useQuery('packs', async (signal) => (await content(api.GET('/admin/packs', { signal }))).data, { fresh: 600_000 })
}

/** The third parties that can be connected. */
export function usePresets() {
  return useQuery('presets', async (signal) => (await content(api.GET('/admin/presets', { signal }))).data, { fresh: 60_000 })
}

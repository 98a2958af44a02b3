import { invalidate } from '@/api/cache'
import { api, content } from '@/api/client'
import { useQuery } from '@/api/query'
import type { components } from '@/api/schema'

export type Integration = components['schemas']['Integration'] & {
  /** What its preset was given; `keys` counts the secrets of each name. */
  preset?: Record<string, unknown> | null
  /** What to enter at the vendor, behind the public address of this server. */
  address?: string | null
}
export type Settings = components['schemas']['IntegrationSettings']

/** An integration with the version that a change of it names. */
export interface Versioned {
  doc: Integration
  version: string | null
}

/** One integration. */
export function useIntegration(id: () => string) {
  return useQuery(
    () => `integrations ${id()}`,
    async (signal): Promise<Versioned> => {
      const { data, response } = await api.GET('/admin/integration/{id}', { params: { path: { id: id() } }, signal })
      return { doc: data as Integration, version: response.headers.get('etag') }
    },
  )
}

export async function create(settings: Settings): Promise<Integration> {
  const made = await content(api.POST('/admin/integration', { body: settings }))
  invalidate('integrations', 'sources')
  return made as Integration
}

export async function update(of: Versioned, settings: Settings): Promise<void> {
  const headers = of.version ? { 'if-match': of.version } : {}
  await api.PUT('/admin/integration/{id}', { params: { path: { id: of.doc.id } }, body: settings, headers })
  invalidate('integrations', 'sources')
}

export async function remove(of: Versioned): Promise<void> {
  const headers = of.version ? { 'if-match': of.version } : {}
  await api.DELETE('/admin/integration/{id}', { params: { path: { id: of.doc.id } }, headers })
  invalidate('integrations', 'sources')
}

/** What was refused lately at the doors of one integration. */
export function useRejections(id: () => string, when: () => boolean) {
  return useQuery(
    () => `rejections of ${id()}`,
    (signal) => content(api.GET('/admin/rejections', { params: { query: { integrationId: id(), limit: '50' } }, signal })),
    { when },
  )
}

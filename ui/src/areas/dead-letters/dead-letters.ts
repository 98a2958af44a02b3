import { api, content } from '@/api/client'
import { useQuery } from '@/api/query'
import type { components } from '@/api/schema'

export type Group = components['schemas']['DeadLetterGroup'] & { id: string }
export type Redrive = components['schemas']['Redrive']

/** Dead letters by cause and webhook, all of them: an organisation has few causes. */
export function useGroups() {
  return useQuery('dead-letters groups', async (signal) => {
    const { data } = await content(api.GET('/admin/dead-letters', { params: { query: { limit: '250' } }, signal }))
    return data.map((group): Group => ({ ...group, id: `${group.webhookId} ${group.error ?? ''}` }))
  })
}

/** The latest redrives; asked again while they run. */
export function useRedrives() {
  return useQuery(
    'redrives',
    async (signal) => {
      const { data } = await content(api.GET('/admin/redrives', { params: { query: { limit: '20' } }, signal }))
      return data.flatMap((one) => (one.id ? [{ ...one, id: one.id }] : []))
    },
    { every: 5_000, fresh: 500 },
  )
}

/** What a group's redrive takes; a group without a cause is its whole webhook. */
export const filterOf = (group: Group) => ({ webhookId: group.webhookId, ...(group.error ? { error: group.error } : {}) })

/** Counts what a redrive would revive, or begins it. */
export async function redrive(group: Group, dryRun: boolean): Promise<Redrive> {
  return content(api.POST('/admin/redrives', { body: { filter: filterOf(group), dryRun } })) as Promise<Redrive>
}

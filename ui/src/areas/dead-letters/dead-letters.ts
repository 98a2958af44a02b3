import { api, content } from '@/api/client'
import { useQuery } from '@/api/query'
import type { components } from '@/api/schema'
import { whole } from '@/api/whole'

export type Group = components['schemas']['DeadLetterGroup'] & { id: string }
export type Redrive = components['schemas']['Redrive']

/** Dead letters by cause and webhook, all of them. */
export function useGroups() {
  return useQuery('dead-letters groups', async (signal) => {
    const data = await whole((after) => content(api.GET('/admin/dead-letters', { params: { query: { limit: '250', after } }, signal })))
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

/** The paces to choose from, in deliveries a second; the first is as fast as it goes. */
export const PACES = ['', '1', '10', '50', '200'] as const

/** How long so many take at a pace, in milliseconds; null where nothing is held back. */
export function lasting(count: number, pace: string): number | null {
  return pace ? Math.ceil(count / Number(pace)) * 1_000 : null
}

/** What a redrive takes: one cause at one webhook, or all that some webhooks are owed. */
export interface Taken {
  groups: readonly Group[]
  filter: { webhookId?: string; webhookIds?: string[]; error?: string }
}

/** One group; one without a cause is its whole webhook. */
export const takenOf = (group: Group): Taken => ({
  groups: [group],
  filter: { webhookId: group.webhookId, ...(group.error ? { error: group.error } : {}) },
})

/** Everything that webhooks are owed that take deliveries now, as one redrive. */
export function takenHealthy(groups: readonly Group[]): Taken {
  const healthy = groups.filter((group) => group.healthy)
  return { groups: healthy, filter: { webhookIds: [...new Set(healthy.map((group) => group.webhookId))] } }
}

/** Counts what a redrive would revive, or begins it; `fresh` makes new deliveries by today's settings. */
export async function redrive({ filter }: Taken, how: { dryRun?: boolean; fresh?: boolean; perSecond?: number }): Promise<Redrive> {
  return content(api.POST('/admin/redrives', { body: { filter, ...how } })) as Promise<Redrive>
}

import { computed } from 'vue'

import { api, content } from '@/api/client'
import { usePresets } from '@/api/lists'
import { usePages } from '@/api/pages'
import type { components } from '@/api/schema'
import { said } from '@/i18n/said'
import { type Filters, moment } from '@/parts/filters'

export type Rejection = components['schemas']['Rejection']

/** What third parties are called, by the kind of their integrations. */
export function useTitles() {
  const { data } = usePresets()
  return computed(() => new Map(data.value?.map((one) => [one.name, said(one.title)])))
}

/** What doors refused, newest first. */
export function useRejections(filters: () => Filters) {
  return usePages<Rejection>(
    () => `rejections ${JSON.stringify(filters())}`,
    (after, signal) => {
      const { integration, door, code, standing, after: from, before: to } = filters()
      const query = { integrationId: integration, door, code, standing, from: moment(from), to: moment(to), after, limit: '100' }
      return content(api.GET('/admin/rejections', { params: { query }, signal }))
    },
  )
}

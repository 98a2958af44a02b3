import { api, content } from '@/api/client'
import { usePages } from '@/api/pages'
import { type Filters, moment } from '@/parts/filters'

/** Rows of the audit log that fit, newest first; the server looks through all of them. */
export function useAudit(filters: () => Filters) {
  return usePages(
    () => `audit ${JSON.stringify(filters())}`,
    async (after, signal) => {
      const { action, actor, target, after: from, before: to } = filters()
      const query = { action, actor, target, from: moment(from), to: moment(to), after, limit: '100' }
      const page = await content(api.GET('/admin/audit', { params: { query }, signal }))
      return { data: page.data.map((row) => ({ ...row, id: String(row.number) })), next: page.next }
    },
  )
}

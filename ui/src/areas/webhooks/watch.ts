import { onScopeDispose } from 'vue'

import { useLive } from '@/api/live'

import { useWebhookStore } from './store'

const BREATH_MS = 1_000
const LIST_MS = 5_000

/** Keeps the figures of the webhooks true while they are looked at: by what the server tells, at most once a second. */
export function useWatch(): void {
  const store = useWebhookStore()
  const touched = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined

  function flush() {
    timer = undefined
    const all = touched.has('*')
    const ids = store.webhooks.map((one) => one.id).filter((id) => all || touched.has(id))
    touched.clear()
    for (const id of ids) void store.examineOne(id)
  }

  useLive(['attempt', 'delivery', 'webhook'], ({ kind, data }) => {
    touched.add(kind === 'missed' ? '*' : String(data.webhookId))
    timer ??= setTimeout(flush, BREATH_MS)
  })
  // What was made or changed elsewhere is told by nobody: the list is read again while somebody looks.
  const again = setInterval(() => document.hidden || void store.renew(), LIST_MS)
  onScopeDispose(() => (clearTimeout(timer), clearInterval(again)))
}

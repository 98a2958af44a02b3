import { onScopeDispose } from 'vue'

import { useLive } from '@/api/live'

import { useWebhookStore } from './store'

const BREATH_MS = 1_000
// Notes about how a webhook does, not about what it is.
const BREAKER = new Set(['tripped', 'flowing'])

/** Keeps the figures of the webhooks true while they are looked at: by what the server tells, at most once a second. */
export function useWatch(): void {
  const store = useWebhookStore()
  const touched = new Set<string>()
  let isListOld = false
  let timer: ReturnType<typeof setTimeout> | undefined

  const later = () => void (timer ??= setTimeout(flush, BREATH_MS))

  function flush() {
    timer = undefined
    // What is under way would overwrite, or be overwritten by, what is read now.
    if (store.loading || store.updating || store.deleting) return later()
    if (isListOld) void store.renew()
    isListOld = false
    const all = touched.has('*')
    const ids = store.webhooks.map((one) => one.id).filter((id) => all || touched.has(id))
    touched.clear()
    for (const id of ids) void store.examineOne(id)
  }

  useLive(['attempt', 'delivery', 'webhook'], ({ kind, data }) => {
    touched.add(kind === 'missed' ? '*' : String(data.webhookId))
    // One that was made, changed or removed, here or elsewhere.
    isListOld ||= kind === 'missed' || (kind === 'webhook' && !BREAKER.has(String(data.status)))
    later()
  })
  onScopeDispose(() => clearTimeout(timer))
}

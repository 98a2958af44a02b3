import { shallowRef, watch } from 'vue'

import { Problem } from '@/api/problem'

import type { Wish } from './draft'
import { useWebhookStore } from './store'
import type { Preview } from './watched'

const PAUSE_MS = 400

/** Settings that are still being written: what is empty is left to the server, which takes a sample for it. */
export function unfinished(wish: Wish): Wish {
  const { name, eventTypes, ...rest } = wish
  return { ...rest, ...(name ? { name } : {}), ...((eventTypes as string[]).length ? { eventTypes } : {}) }
}

/** The very request that settings would make, asked again shortly after they change. Nothing is saved or sent. */
export function usePreview(wish: () => Wish, webhookId?: string) {
  const store = useWebhookStore()
  const preview = shallowRef<Preview | null>(null)
  const fault = shallowRef<Problem | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined
  let abort = new AbortController()

  async function ask(settings: Wish): Promise<void> {
    abort.abort()
    abort = new AbortController()
    const { signal } = abort
    try {
      preview.value = await store.preview({ ...settings, ...(webhookId ? { webhookId } : {}) }, signal)
      fault.value = null
    } catch (error) {
      if (!signal.aborted) fault.value = error instanceof Problem ? error : null
    }
  }

  watch(
    () => JSON.stringify(wish()),
    (text) => {
      clearTimeout(timer)
      const settings = JSON.parse(text) as Wish
      if (settings.url) timer = setTimeout(() => void ask(settings), PAUSE_MS)
    },
    { immediate: true },
  )
  return { preview, fault }
}

import { shallowRef, watch } from 'vue'

import { api, content } from '@/api/client'
import { Problem } from '@/api/problem'
import type { components } from '@/api/schema'

import type { Wish } from './draft'

export type Preview = components['schemas']['WebhookPreview']
export type TestResult = components['schemas']['TestResult']

const PAUSE_MS = 400

/** Settings that are still being written: what is empty is left to the server, which takes a sample for it. */
export function unfinished(wish: Wish): Wish {
  const { name, eventTypes, ...rest } = wish
  return { ...rest, ...(name ? { name } : {}), ...((eventTypes as string[]).length ? { eventTypes } : {}) }
}

/** The very request that settings would make, asked again shortly after they change. Nothing is saved or sent. */
export function usePreview(integration: () => string, wish: () => Wish, webhookId?: string) {
  const preview = shallowRef<Preview | null>(null)
  const fault = shallowRef<Problem | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined
  let abort = new AbortController()

  async function ask(settings: Wish): Promise<void> {
    abort.abort()
    abort = new AbortController()
    const { signal } = abort
    try {
      const params = { path: { id: integration() } }
      const body = { ...settings, ...(webhookId ? { webhookId } : {}) }
      preview.value = await content(api.POST('/admin/integration/{id}/webhooks/preview', { params, body: body as never, signal }))
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

/** Sends one sample event, marked as a test, with saved or unsaved settings. */
export function trySend(integration: string, body: Wish): Promise<TestResult> {
  return content(api.POST('/admin/integration/{id}/webhooks/test', { params: { path: { id: integration } }, body: body as never }))
}

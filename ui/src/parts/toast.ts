import { readonly, shallowRef } from 'vue'

import type { Tone } from './tone'

/** A short word about something that was done. What must be read stands on the page, not here. */
export interface Toast {
  id: number
  tone: Tone
  title: string
  text?: string
  action?: { label: string; act: () => void }
}

const SHOWN_MS = 5_000
// What failed is read more slowly, and must not be missed.
const FAILED_MS = 12_000
const TOASTS_MAX = 4

const list = shallowRef<readonly Toast[]>([])
let last = 0

export const toasts = readonly(list)

export function toast(tone: Tone, title: string, more: Pick<Toast, 'text' | 'action'> = {}): void {
  last += 1
  const made: Toast = { id: last, tone, title, ...more }
  list.value = [...list.value, made].slice(-TOASTS_MAX)
  setTimeout(() => dismiss(made.id), tone === 'bad' ? FAILED_MS : SHOWN_MS)
}

/** Says why a call did nothing: its title and how to mend it. */
export function toastFailure(failure: unknown): void {
  const fault = failure as { title?: string; detail?: string; fix?: string | null; message?: string }
  const text = [fault.detail, fault.fix].filter(Boolean).join(' ')
  toast('bad', fault.title ?? fault.message ?? String(failure), text ? { text } : {})
}

export function dismiss(id: number): void {
  list.value = list.value.filter((one) => one.id !== id)
}

import { ref } from 'vue'

import { toast, toastFailure } from '@/parts/toast'

import { refusal } from './mapping'

/** Saving what a field holds: whether it is under way, and what the server says against the field. */
export function useSaving(done: () => string) {
  const busy = ref(false)
  const error = ref<string | null>(null)
  async function save(work: () => Promise<void>): Promise<void> {
    busy.value = true
    error.value = null
    try {
      await work()
      toast('good', done())
    } catch (refused) {
      error.value = refusal(refused as Error)
      if (!error.value) toastFailure(refused)
    } finally {
      busy.value = false
    }
  }
  return { busy, error, save }
}

import { t } from '@/i18n'
import { toast, toastFailure } from '@/parts/toast'

import { useWebhookStore, type Watched } from './store'

/** Pauses a webhook that is called, and lets one go on that is not. */
export function useTurn() {
  const store = useWebhookStore()
  return async (one: Watched): Promise<void> => {
    const verb = one.status === 'active' ? 'pause' : 'resume'
    try {
      await store.turn(one.id, verb)
      toast('good', verb === 'pause' ? t('webhooks.paused', { name: one.name }) : t('webhooks.resumed', { name: one.name }))
    } catch (error) {
      toastFailure(error)
    }
  }
}

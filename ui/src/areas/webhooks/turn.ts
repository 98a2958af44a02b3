import { t } from '@/i18n'
import { toast, toastFailure } from '@/parts/toast'

import { useWebhookStore } from './store'
import type { Watched } from './watched'

/** Whether a webhook is called, now or once its receiver has answered its challenge. */
export const isOn = (one: Watched): boolean => one.status === 'active' || one.status === 'pending'

/** Pauses a webhook that is called, and lets one go on that is not. */
export function useTurn() {
  const store = useWebhookStore()
  return async (one: Watched): Promise<void> => {
    const verb = isOn(one) ? 'pause' : 'resume'
    try {
      await store.turn(one.id, verb)
      toast('good', verb === 'pause' ? t('webhooks.paused', { name: one.name }) : t('webhooks.resumed', { name: one.name }))
    } catch (error) {
      toastFailure(error)
    }
  }
}

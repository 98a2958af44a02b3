import type { Note } from '@/api/live'
import { t, textOr } from '@/i18n'
import type { Tone } from '@/parts/tone'
import { deliveryTone } from '@/terms/tones'

export const KINDS = ['event', 'attempt', 'delivery', 'webhook', 'rejection', 'alert', 'redrive'] as const
export type Kind = (typeof KINDS)[number] | 'missed'

/** One thing that happened, as a row. */
export interface Line {
  id: string
  at: number
  kind: Kind
  tone: Tone
  text: string
  lane: string
  /** An id of ours: what it is about. */
  target: string
  to: string | null
}

/** A note of the server as a row, with the way to what it is about. */
export function lineOf(note: Note, id: string): Line {
  const word = (key: string) => (typeof note.data[key] === 'string' ? (note.data[key] as string) : '')
  const at = Date.parse(word('at'))
  const base = { id, at: Number.isNaN(at) ? Date.now() : at, kind: note.kind as Kind, lane: word('lane') }
  const line = (tone: Tone, text: string, target: string, to: string | null): Line => ({ ...base, tone, text, target, to: target ? to : null })
  switch (note.kind) {
    case 'event':
      return line('info', word('eventType'), word('eventId'), `/events/${word('eventId')}`)
    case 'attempt': {
      const error = word('error')
      return line(error ? 'bad' : 'good', error ? textOr(`terms.error.${error}`, error) : t('live.taken'), word('deliveryId'), `/deliveries/${word('deliveryId')}`)
    }
    case 'delivery':
      return line(deliveryTone(word('state')), textOr(`terms.delivery.${word('state')}`, word('state')), word('deliveryId'), `/deliveries/${word('deliveryId')}`)
    case 'webhook':
      return line('warn', textOr(`terms.webhook.${word('status')}`, textOr(`terms.breaker.${word('status')}`, word('status'))), word('webhookId'), `/deliveries?webhook=${word('webhookId')}`)
    case 'rejection':
      return line('bad', `${word('door')} · ${word('code')}`, word('integrationId'), `/sources?tab=rejections&integration=${word('integrationId')}`)
    case 'alert':
      return line('warn', word('code'), word('target'), '/monitoring/alerts')
    case 'redrive':
      return line('info', `${note.data.revived ?? '–'} / ${note.data.planned ?? '–'}`, word('redriveId'), '/dead-letters')
    default: {
      const count = note.data.count
      return line('warn', typeof count === 'number' ? t('live.missed', {}, count) : t('live.missedSome'), '', null)
    }
  }
}

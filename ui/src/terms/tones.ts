import type { Tone } from '@/parts/tone'

const DELIVERY: Record<string, Tone> = {
  pending: 'info',
  waiting: 'warn',
  held: 'warn',
  delivered: 'good',
  dead_lettered: 'bad',
  cancelled: 'idle',
  withheld: 'idle',
  expired: 'bad',
}
const WEBHOOK: Record<string, Tone> = { active: 'good', paused: 'idle', disabled: 'bad', pending: 'warn' }
const BREAKER: Record<string, Tone> = { flowing: 'good', tripped: 'bad', probing: 'warn' }
const LANE: Record<string, Tone> = { critical: 'bad', urgent: 'warn', routine: 'info', bulk: 'idle' }

/** How good a state of the contract is; one that is not known here is shown, and calm. */
export const deliveryTone = (state: string): Tone => DELIVERY[state] ?? 'idle'
export const webhookTone = (status: string): Tone => WEBHOOK[status] ?? 'idle'
export const breakerTone = (breaker: string): Tone => BREAKER[breaker] ?? 'idle'
export const laneTone = (lane: string): Tone => LANE[lane] ?? 'idle'
export const LANES = ['critical', 'urgent', 'routine', 'bulk'] as const

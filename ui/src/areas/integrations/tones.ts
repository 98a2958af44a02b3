import type { Tone } from '@/parts/tone'

const SUBSCRIPTION: Record<string, Tone> = { requested: 'warn', active: 'good', error: 'bad', off: 'idle' }

/** How good the status of a Subscription is. */
export const statusTone = (status: string): Tone => SUBSCRIPTION[status] ?? 'idle'

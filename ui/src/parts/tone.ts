import type { IconName } from './icons'

/** How good something is. Each tone has a shape of its own, so that colour says nothing alone. */
export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'idle'

export const toneIcons: Record<Tone, IconName> = { good: 'good', warn: 'warn', bad: 'bad', info: 'info', idle: 'idle' }

/** Something to choose. */
export interface Option<V extends string = string> {
  value: V
  label: string
  /** A second line, where there is room. */
  hint?: string
  disabled?: boolean
}

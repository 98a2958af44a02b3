import type { RouteLocationRaw } from 'vue-router'

import type { TextKey } from '@/i18n'
import type { IconName } from '@/parts/icons'

/** An entry of the navigation. */
export interface Place {
  key: string
  label: TextKey
  icon: IconName
  to: RouteLocationRaw
  /** The letter after `g`. */
  letter: string
  /** Stands in the bar at the bottom of a phone; the others in the menu beside them. */
  thumb?: boolean
}

/** The navigation, in groups: what happens, what is connected, what is set. */
export const places: readonly (readonly Place[])[] = [
  [
    { key: 'now', label: 'shell.now', icon: 'now', to: '/', letter: 'n', thumb: true },
    { key: 'events', label: 'shell.events', icon: 'events', to: '/events', letter: 'e', thumb: true },
    { key: 'deliveries', label: 'shell.deliveries', icon: 'deliveries', to: '/deliveries', letter: 'd', thumb: true },
    { key: 'dead-letters', label: 'shell.deadLetters', icon: 'deadLetters', to: '/dead-letters', letter: 'l' },
    { key: 'live', label: 'shell.live', icon: 'live', to: '/live', letter: 't' },
  ],
  [
    { key: 'integrations', label: 'shell.integrations', icon: 'integrations', to: '/integrations', letter: 'i', thumb: true },
    { key: 'sources', label: 'shell.sources', icon: 'sources', to: '/sources', letter: 's' },
    { key: 'triggers', label: 'shell.triggers', icon: 'filter', to: '/triggers', letter: 'r' },
    { key: 'catalogue', label: 'shell.catalogue', icon: 'catalogue', to: '/catalogue', letter: 'c' },
  ],
  [
    { key: 'monitoring', label: 'shell.monitoring', icon: 'monitoring', to: '/monitoring', letter: 'm' },
    { key: 'settings', label: 'shell.settings', icon: 'settings', to: '/settings', letter: ',' },
  ],
]

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

/** What belongs together in the navigation, under a name. */
export interface Group {
  label: TextKey
  places: readonly Place[]
}

/** The navigation, in groups: what happens, and what is set up. */
export const groups: readonly Group[] = [
  {
    label: 'shell.operations',
    places: [
      { key: 'now', label: 'shell.now', icon: 'now', to: '/', letter: 'n', thumb: true },
      { key: 'events', label: 'shell.events', icon: 'events', to: '/events', letter: 'e', thumb: true },
      { key: 'deliveries', label: 'shell.deliveries', icon: 'deliveries', to: '/deliveries', letter: 'd', thumb: true },
      { key: 'dead-letters', label: 'shell.deadLetters', icon: 'deadLetters', to: '/dead-letters', letter: 'l' },
      { key: 'live', label: 'shell.live', icon: 'live', to: '/live', letter: 't' },
      { key: 'monitoring', label: 'shell.monitoring', icon: 'monitoring', to: '/monitoring', letter: 'm' },
    ],
  },
  {
    label: 'shell.admin',
    places: [
      { key: 'integrations', label: 'shell.integrations', icon: 'integrations', to: '/integrations', letter: 'i', thumb: true },
      { key: 'sources', label: 'shell.sources', icon: 'sources', to: '/sources', letter: 's' },
      { key: 'triggers', label: 'shell.triggers', icon: 'filter', to: '/triggers', letter: 'r' },
      { key: 'catalogue', label: 'shell.catalogue', icon: 'catalogue', to: '/catalogue', letter: 'c' },
      { key: 'settings', label: 'shell.settings', icon: 'settings', to: '/settings', letter: ',' },
    ],
  },
]

/** Every place. */
export const places: readonly Place[] = groups.flatMap((group) => group.places)

import type { IconName } from './icons'

/** A line of a menu. */
export interface MenuItem {
  label: string
  act: () => void
  icon?: IconName
  danger?: boolean
  disabled?: boolean
  checked?: boolean
}

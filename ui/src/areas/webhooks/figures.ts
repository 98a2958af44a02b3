import { language } from '@/i18n'

/** A share as people read it; nothing where there was nothing to count. */
export function percent(share: number | null | undefined): string {
  if (share == null) return '–'
  return new Intl.NumberFormat(language(), { style: 'percent', maximumFractionDigits: 1 }).format(share)
}

export function count(number: number): string {
  return new Intl.NumberFormat(language()).format(number)
}

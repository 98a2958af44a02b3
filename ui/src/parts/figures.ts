import { language } from '@/i18n'

/** How many, as people of the language write it. */
export function count(number: number): string {
  return new Intl.NumberFormat(language()).format(number)
}

/** How many, short where it is many: `12K`. */
export function compact(number: number): string {
  return new Intl.NumberFormat(language(), { notation: 'compact' }).format(number)
}

/** A share in words; `100 %` stands for all of them and never for nearly all. */
export function percent(share: number | null | undefined): string {
  if (share == null) return '–'
  if (share === 0 || share === 1) return `${share * 100} %`
  const value = Math.min(share * 100, 99.99)
  const digits = value >= 99 ? 2 : 1
  return `${new Intl.NumberFormat(language(), { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value)} %`
}

import { language } from '@/i18n'

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** A size in the unit that fits: `812 B`, `1.4 GiB`. */
export function bytes(count: number): string {
  const at = Math.min(Math.max(Math.floor(Math.log2(Math.max(count, 1)) / 10), 0), UNITS.length - 1)
  const value = count / 1024 ** at
  return `${new Intl.NumberFormat(language(), { maximumFractionDigits: at > 0 && value < 10 ? 1 : 0 }).format(value)} ${UNITS[at]}`
}

/** A filter that a list knows: its name, and the values it is offered with. */
export interface FilterKey {
  key: string
  label: string
  /** Values to choose from; others are taken too, unless `only`. */
  values?: readonly { value: string; label: string }[]
  only?: boolean
  /** Its value is a time, as `instant` reads it. */
  time?: boolean
  example?: string
}

/** What is chosen, by key. */
export type Filters = Readonly<Record<string, string>>

/** A filter out of what was typed, or the name that is not known. */
export type Typed = { key: string; value: string } | { unknown: string } | null

/** Reads `key:value`; a value with spaces stands in quotes. */
export function typed(text: string, keys: readonly FilterKey[]): Typed {
  const found = /^\s*([\w-]+):\s*(?:"([^"]*)"|(.*?))\s*$/.exec(text)
  if (!found) return null
  const [, name = '', quoted, bare] = found
  const known = keys.find((one) => one.key.toLowerCase() === name.toLowerCase())
  if (!known) return { unknown: name }
  const value = quoted ?? bare ?? ''
  if (!value) return null
  if (known.only && !known.values?.some((one) => one.value === value)) return { unknown: `${known.key}:${value}` }
  if (known.time && !instant(value, 0)) return { unknown: `${known.key}:${value}` }
  return { key: known.key, value }
}

/** The time that `-2h`, `-3d`, `-15m` or a date means, as the API takes it; null if it means none. */
export function instant(text: string, now: number): string | null {
  const back = /^-(\d+)(m|h|d|w)$/.exec(text)
  if (back) {
    const unit = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }[back[2] as 'm' | 'h' | 'd' | 'w']
    return new Date(now - Number(back[1]) * unit).toISOString()
  }
  const at = Date.parse(text)
  return Number.isNaN(at) ? null : new Date(at).toISOString()
}

/** As `instant`, from now; what an address gives that is no time goes as it is, so that the server refuses it. */
export const moment = (text: string | undefined): string | undefined => text && (instant(text, Date.now()) ?? text)

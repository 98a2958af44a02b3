import { onScopeDispose, readonly, ref } from 'vue'

import { language } from '@/i18n'

const now = ref(Date.now())
let watchers = 0
let timer: ReturnType<typeof setInterval> | undefined

/** The time, once a second, on one timer for the whole page. */
export function useNow() {
  watchers += 1
  now.value = Date.now()
  timer ??= setInterval(() => (now.value = Date.now()), 1_000)
  onScopeDispose(() => {
    watchers -= 1
    if (watchers > 0) return
    clearInterval(timer)
    timer = undefined
  })
  return readonly(now)
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
]

/** How long ago, or in how long: `3 min ago`, `in 2 hr`. */
export function ago(at: number, from: number): string {
  const span = at - from
  const format = new Intl.RelativeTimeFormat(language(), { numeric: 'auto', style: 'short' })
  const [unit, size] = STEPS.find(([, length]) => Math.abs(span) >= length) ?? ['second', 1_000]
  return format.format(Math.trunc(span / size), unit)
}

/** A time in full, in the reader's own zone, with the zone. */
export function absolute(at: number): string {
  return new Intl.DateTimeFormat(language(), { dateStyle: 'medium', timeStyle: 'long' }).format(at)
}

/** The time of a day, to the millisecond where it matters. */
export function clock(at: number, milliseconds = false): string {
  return new Intl.DateTimeFormat(language(), {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    ...(milliseconds ? { fractionalSecondDigits: 3 as const } : {}),
  }).format(at)
}

/** A span in the unit that fits: `12 ms`, `1.4 s`, `2 min 5 s`, `3 d 4 h`. */
export function span(ms: number): string {
  if (ms === 0) return '0 ms'
  if (ms < 1) return `${ms.toFixed(2)} ms`
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`
  const units: [string, number][] = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1_000],
  ]
  const first = units.findIndex(([, size]) => ms >= size)
  return units
    .slice(first, first + 2)
    .map(([name, size], index) => [Math.floor((index === 0 ? ms : ms % units[first]![1]) / size), name] as const)
    .filter(([count]) => count > 0)
    .map(([count, name]) => `${count} ${name}`)
    .join(' ')
}

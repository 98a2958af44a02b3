import { createI18n } from 'vue-i18n'
import { ref } from 'vue'

import type en from './en'
import type changes from './en/changes.json'
import type facade from './en/facade.json'
import type hints from './en/hints.json'
import type integrations from './en/integrations.json'
import type monitoring from './en/monitoring.json'
import type places from './en/places.json'
import type settings from './en/settings.json'
import type triggers from './en/triggers.json'
import type webhooks from './en/webhooks.json'

type Leaves<T, P extends string = ''> = {
  [K in keyof T & string]: T[K] extends string ? `${P}${K}` : Leaves<T[K], `${P}${K}.`>
}[keyof T & string]

/** Every text there is, by its place: `events.title` is `title` in `en/events.json`. */
export type TextKey = Leaves<typeof en & TextsApart>

interface TextsApart {
  changes: typeof changes
  facade: typeof facade
  hints: typeof hints
  integrations: typeof integrations
  monitoring: typeof monitoring
  places: typeof places
  settings: typeof settings
  triggers: typeof triggers
  webhooks: typeof webhooks
}

export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const
export type Language = keyof typeof LANGUAGES

const loaders: Record<Language, () => Promise<{ default: unknown }>> = {
  en: () => import('./en'),
  de: () => import('./de'),
}

// Texts that only their own pages need: loaded with the first of them.
const apart = {
  changes: { en: () => import('./en/changes.json'), de: () => import('./de/changes.json') },
  facade: { en: () => import('./en/facade.json'), de: () => import('./de/facade.json') },
  hints: { en: () => import('./en/hints.json'), de: () => import('./de/hints.json') },
  integrations: { en: () => import('./en/integrations.json'), de: () => import('./de/integrations.json') },
  monitoring: { en: () => import('./en/monitoring.json'), de: () => import('./de/monitoring.json') },
  places: { en: () => import('./en/places.json'), de: () => import('./de/places.json') },
  settings: { en: () => import('./en/settings.json'), de: () => import('./de/settings.json') },
  triggers: { en: () => import('./en/triggers.json'), de: () => import('./de/triggers.json') },
  webhooks: { en: () => import('./en/webhooks.json'), de: () => import('./de/webhooks.json') },
} satisfies Record<keyof TextsApart, Record<Language, () => Promise<{ default: unknown }>>>
type Apart = keyof TextsApart
const wanted = new Set<Apart>()

export const i18n = createI18n({ legacy: false, locale: 'en', fallbackLocale: 'en', missingWarn: false, fallbackWarn: false })
const current = ref<Language>('en')

/** The text of a key, with its places filled; `count` chooses the plural form. */
export function t(key: TextKey, named: Record<string, unknown> = {}, count?: number): string {
  const { t: translate } = i18n.global
  return count === undefined ? translate(key, named) : translate(key, { count, n: count, ...named }, { plural: count })
}

/** The text of a key that is put together at run time, or the fallback where there is none. */
export function textOr(key: string, fallback: string, named: Record<string, unknown> = {}): string {
  return i18n.global.te(key) || i18n.global.te(key, 'en') ? i18n.global.t(key, named) : fallback
}

/** The language in use; reading it in a computed follows changes. */
export function language(): Language {
  return current.value
}

/** Loads a language and shows everything in it. */
export async function speak(to: Language): Promise<void> {
  const { default: messages } = await loaders[to]()
  i18n.global.setLocaleMessage(to, trees(messages as Texts) as never)
  await Promise.all([...wanted].map((area) => add(area, to)))
  i18n.global.locale.value = to
  current.value = to
  document.documentElement.lang = to
  remember(to)
}

/** A page or a part whose texts stand apart: loaded with them, in the language in use and in each one after it. */
export function withTexts<T>(area: Apart, load: () => Promise<T>): () => Promise<T> {
  return async () => (await Promise.all([load(), speakOf(area)]))[0]
}

/** Loads texts that stand apart, in the language in use and in each one after it. */
export async function speakOf(area: Apart): Promise<void> {
  if (wanted.has(area)) return
  await add(area, current.value)
  wanted.add(area)
}

async function add(area: Apart, to: Language): Promise<void> {
  const { default: messages } = await apart[area][to]()
  i18n.global.mergeLocaleMessage(to, { [area]: trees(messages as Texts) } as never)
}

/** The language that was chosen before, or the browser's, or English. */
export function preferredLanguage(): Language {
  const kept = read()
  if (kept && kept in LANGUAGES) return kept as Language
  const spoken = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag in LANGUAGES)
  return (spoken as Language | undefined) ?? 'en'
}

type Texts = { [key: string]: string | Texts }

/** Plain texts as the trees that vue-i18n without its compiler wants; `vite/messages.ts` has made the others. */
function trees(texts: Texts): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(texts).map(([key, text]) => {
      if (typeof text === 'string') return [key, { t: 0, b: { t: 2, i: [], s: text } }]
      return [key, 'b' in text ? text : trees(text)]
    }),
  )
}

const KEY = 'carehook.language'

function read(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}

function remember(value: Language): void {
  try {
    localStorage.setItem(KEY, value)
  } catch {
    // A browser that keeps nothing speaks its own language next time.
  }
}

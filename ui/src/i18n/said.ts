import { shallowReactive } from 'vue'

import { type Language, language } from './index'

// By the English text: where that changes, it is read in English until it is put anew.
const loaders: Partial<Record<Language, () => Promise<{ default: Record<string, string> }>>> = {
  de: () => import('./said.de.json'),
}
const known = shallowReactive(new Map<Language, Record<string, string>>())
const asked = new Set<Language>()

/** What the server says of presets, packs, topics and event types, in the language in use; as it says it, where nobody has put that. */
export function said(text: string): string {
  const to = language()
  const texts = known.get(to)
  if (!texts) load(to)
  return texts && Object.hasOwn(texts, text) ? texts[text]! : text
}

function load(to: Language): void {
  if (asked.has(to)) return
  asked.add(to)
  // A browser that cannot get it reads English, and asks again on the next page.
  loaders[to]?.().then(({ default: texts }) => known.set(to, texts), () => asked.delete(to))
}

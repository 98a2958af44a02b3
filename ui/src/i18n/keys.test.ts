import { expect, test } from 'vitest'

type Texts = { [key: string]: string | Texts }

// As text, not through the compiler: the places of each message are compared too.
const files = import.meta.glob<string>('./*/*.json', { query: '?raw', import: 'default', eager: true })

const sources = import.meta.glob<string>(['../**/*.{vue,ts}', '!../api/schema.d.ts', '!../**/*.test.ts'], { query: '?raw', import: 'default', eager: true })

function leaves(texts: Texts, path = ''): [string, string][] {
  return Object.entries(texts).flatMap(([key, value]) =>
    typeof value === 'string' ? [[`${path}${key}`, value] as [string, string]] : leaves(value, `${path}${key}.`),
  )
}

function spoken(language: string): Map<string, string> {
  const own = Object.entries(files).filter(([path]) => path.startsWith(`./${language}/`))
  return new Map(own.flatMap(([path, text]) => leaves(JSON.parse(text) as Texts, `${path.split('/').pop()} `)))
}

const places = (text: string) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))].sort()

test('both languages say the same things with the same places', () => {
  const en = spoken('en')
  const de = spoken('de')
  expect([...de.keys()].sort()).toEqual([...en.keys()].sort())
  for (const [key, text] of en) expect([key, places(de.get(key) ?? '')]).toEqual([key, places(text)])
})

test('every text is said somewhere', () => {
  const said = Object.values(sources).join('\n')
  // Put together at run time: right below an area the next part stands somewhere as a word of its own.
  const begun = [...new Set([...said.matchAll(/`([\w.-]+\.)\$\{/g)].map(([, start]) => start!))]
  const isBegun = (key: string) => begun.some((start) => key.startsWith(start) && (start.split('.').length > 2 || new RegExp(`\\b${key.slice(start.length).split('.')[0]}\\b`).test(said)))
  // That each hint is one of an error, `terms/errors.test.ts` sees.
  const keys = [...spoken('en').keys()].map((place) => place.replace('.json ', '.')).filter((key) => !key.startsWith('hints.'))
  expect(keys.filter((key) => !said.includes(`'${key}'`) && !isBegun(key))).toEqual([])
})

test('a bar parts plural forms and nothing else', () => {
  for (const language of ['en', 'de']) for (const [key, text] of spoken(language)) expect([key, /\w\|\w/.test(text)]).toEqual([key, false])
})

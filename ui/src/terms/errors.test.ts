import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { expect, test } from 'vitest'

// Each page says whether it is of an error that an attempt can bring.
const PAGES = resolve(import.meta.dirname, '../../../docs/errors')
const texts = import.meta.glob<Record<string, string | Record<string, string>>>('../i18n/*/{terms,hints}.json', { import: 'default', eager: true })

const codes = readdirSync(PAGES)
  .filter((file) => /^(Error category of an attempt|Outcome of a challenge)/m.test(readFileSync(join(PAGES, file), 'utf8')))
  .map((file) => file.replace('.md', ''))

test.each(['en', 'de'])('every error of an attempt has a name and says what to do: %s', (language) => {
  expect(codes.length).toBeGreaterThan(20)
  const named = texts[`../i18n/${language}/terms.json`]?.error as Record<string, string>
  const hints = texts[`../i18n/${language}/hints.json`]
  expect(codes.filter((code) => !named[code] || !hints?.[code])).toEqual([])
})

import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { expect, test, vi } from 'vitest'

import { speak } from './index'
import { said } from './said'
import german from './said.de.json'

const ROOT = resolve(import.meta.dirname, '../../..')
// Titles that are the name of a company or a product stay as they are.
const SPOKEN = /^(?:about|hint|title|description) = "(.*)"$/gm
const presets = readdirSync(join(ROOT, 'presets')).filter((name) => name.endsWith('.toml')).map((name) => readFileSync(join(ROOT, 'presets', name), 'utf8'))
const packs = readFileSync(join(ROOT, 'catalogue/packs.toml'), 'utf8')

/** What a person reads of a preset: what it is, what it cannot do, and what its fields are. */
function texts(preset: string): string[] {
  const limits = [...preset.matchAll(/^cannot = \[([^\]]*)\]/gm)].flatMap(([, list]) => [...list!.matchAll(/"([^"]*)"/g)].map(([, text]) => text!))
  const fields = [...preset.matchAll(/^\[\[preset\.[\w-]+\.field\]\]\n([^[]*)/gm)].flatMap(([, field]) => [...field!.matchAll(SPOKEN)].map(([, text]) => text!))
  const about = [...preset.matchAll(/^about = "(.*)"$/gm)].map(([, text]) => text!)
  return [...limits, ...fields, ...about]
}

test('everything that presets and packs say has a German text, and no German text is left over', () => {
  const wanted = [...presets.flatMap(texts), ...[...packs.matchAll(SPOKEN)].map(([, text]) => text!)]
  expect(wanted.length).toBeGreaterThan(200)
  expect(wanted.filter((text) => !Object.hasOwn(german, text))).toEqual([])
  const titles = presets.flatMap((preset) => [...preset.matchAll(SPOKEN)].map(([, text]) => text!))
  const all = new Set([...wanted, ...titles])
  expect(Object.keys(german).filter((text) => !all.has(text))).toEqual([])
})

test('what a server adds is read as it says it', async () => {
  expect(said('Password')).toBe('Password')
  await speak('de')
  await vi.waitUntil(() => said('Password') === 'Passwort')
  expect([said('Added by an operator'), said('constructor')]).toEqual(['Added by an operator', 'constructor'])
})

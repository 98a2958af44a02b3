import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { expect, test, vi } from 'vitest'

import { speak } from './index'
import { said } from './said'
import german from './said.de.json'

const ROOT = resolve(import.meta.dirname, '../../..')
// Titles that are the name of a company or a product stay as they are.
const SPOKEN = /^(?:about|hint|title|description) = "(.*)"$/gm
// Of the field that every preset has (`crates/presets/src/preset.rs`).
const SAID_BY_CODE = ['Secret part of the address', '22 or more random letters and digits behind /hook/, known to the vendor only.']
const presets = readdirSync(join(ROOT, 'presets')).filter((name) => name.endsWith('.toml')).map((name) => readFileSync(join(ROOT, 'presets', name), 'utf8'))
const catalogue = readdirSync(join(ROOT, 'catalogue')).filter((name) => name !== 'resources.toml').map((name) => readFileSync(join(ROOT, 'catalogue', name), 'utf8'))

/** What a person reads of a preset: what it is, what it cannot do, and what its fields are. */
function texts(preset: string): string[] {
  const limits = [...preset.matchAll(/^cannot = \[([^\]]*)\]/gm)].flatMap(([, list]) => [...list!.matchAll(/"([^"]*)"/g)].map(([, text]) => text!))
  const fields = [...preset.matchAll(/^\[\[preset\.[\w-]+\.field\]\]\n([^[]*)/gm)].flatMap(([, field]) => [...field!.matchAll(SPOKEN)].map(([, text]) => text!))
  const about = [...preset.matchAll(/^about = "(.*)"$/gm)].map(([, text]) => text!)
  return [...limits, ...fields, ...about]
}

/** What a person reads of event types in lists, and of packs and topics everywhere. */
function told(file: string): string[] {
  const found = [...file.matchAll(SPOKEN)]
  const types = /^\[\[type\]\]$/m.test(file)
  return found.filter(([line]) => !types || line.startsWith('title')).map(([, text]) => text!)
}

test('what presets, packs, topics and event types say has a German text, and no German text is left over', () => {
  const wanted = [...presets.flatMap(texts), ...catalogue.flatMap(told), ...SAID_BY_CODE]
  expect(wanted.length).toBeGreaterThan(400)
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

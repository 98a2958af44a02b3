import { expect, test } from 'vitest'

import { lonely } from './chart'
import { ranked } from './commands'
import { instant, moment, typed } from './filters'
import { tokens } from './json-tokens'
import { pieces } from './pieces'
import { type Column, sorted } from './table'
import { ago, span } from './time'

test('a filter is a known name, a colon and a value', () => {
  const keys = [{ key: 'type', label: 'Type' }, { key: 'state', label: 'State', only: true, values: [{ value: 'held', label: 'Held' }] }, { key: 'after', label: 'After', time: true }]
  expect(typed('type:lab.*', keys)).toEqual({ key: 'type', value: 'lab.*' })
  expect(typed(' Type:"two words" ', keys)).toEqual({ key: 'type', value: 'two words' })
  expect(typed('state:gone', keys)).toEqual({ unknown: 'state:gone' })
  expect(typed('colour:red', keys)).toEqual({ unknown: 'colour' })
  expect([typed('after:-2h', keys), typed('after:lately', keys)]).toEqual([{ key: 'after', value: '-2h' }, { unknown: 'after:lately' }])
  expect([typed('type:', keys), typed('lab', keys)]).toEqual([null, null])
})

test('a time is given backwards from now or as a date', () => {
  const now = Date.parse('2026-03-10T12:00:00Z')
  expect(instant('-2h', now)).toBe('2026-03-10T10:00:00.000Z')
  expect(instant('2026-03-01', now)).toBe('2026-03-01T00:00:00.000Z')
  expect(instant('yesterday-ish', now)).toBeNull()
  expect([moment(undefined), moment('yesterday-ish'), moment('2026-03-01')]).toEqual([undefined, 'yesterday-ish', '2026-03-01T00:00:00.000Z'])
})

test('a difference keeps what is in both and shows what has no picture', () => {
  expect(pieces(' https://a/h\tx', 'https://a/hx')).toEqual([
    { kind: 'gone', shown: '·' },
    { kind: 'same', shown: 'https://a/h' },
    { kind: 'gone', shown: '⇥' },
    { kind: 'same', shown: 'x' },
  ])
  expect(pieces('a\u200bb', 'ab')[1]).toEqual({ kind: 'gone', shown: '⟨U+200B⟩' })
  expect(pieces('http:', 'https:')).toContainEqual({ kind: 'new', shown: 's' })
})

test('the pieces of a JSON text put together are the text', () => {
  const text = JSON.stringify({ a: 'x "y" <b>', n: -1.5e3, t: [true, null] }, null, 2)
  expect(tokens(text).map((token) => token.text).join('')).toBe(text)
  expect(tokens(text).find((token) => token.text === '"a"')?.kind).toBe('key')
  expect(tokens('MSH|^~\\&|').map((token) => token.kind)).toEqual(['plain'])
})

test('rows without a value come last in both directions', () => {
  const columns: Column<{ n: number | null }>[] = [{ key: 'n', label: 'N', sort: (row) => row.n }]
  const rows = [{ n: 2 }, { n: null }, { n: 10 }]
  expect(sorted(rows, columns, { key: 'n', down: false }).map((row) => row.n)).toEqual([2, 10, null])
  expect(sorted(rows, columns, { key: 'n', down: true }).map((row) => row.n)).toEqual([10, 2, null])
})

test('the palette finds by beginning, word, part and scattered letters, in this order', () => {
  const commands = ['Deliveries', 'Dead letters', 'Monitoring', 'Add integration'].map((label) => ({ id: label, label, act: () => {} }))
  expect(ranked(commands, 'de').map((one) => one.label)).toEqual(['Deliveries', 'Dead letters', 'Add integration'])
  expect(ranked(commands, 'let').map((one) => one.label)).toEqual(['Dead letters'])
  expect(ranked(commands, 'mtr').map((one) => one.label)).toEqual(['Monitoring'])
  expect(ranked(commands, 'zz')).toEqual([])
})

test('spans and distances are said in the unit that fits', () => {
  expect([0.25, 12.4, 1_400, 61_000, 90_000_000].map(span)).toEqual(['0.25 ms', '12 ms', '1.4 s', '1 min 1 s', '1 d 1 h'])
  expect(ago(0, 125_000)).toMatch(/^2 min/)
})

test('a value without neighbours is found, so that it can be drawn as a point', () => {
  expect(lonely([1, null, 2, 3, null, 4])).toEqual([0, 5])
  expect(lonely([])).toEqual([])
})

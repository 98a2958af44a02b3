import { expect, test } from 'vitest'

import type { EventType } from '@/api/lists'

import { families } from './catalogue'
import { members } from './schema'

test('a schema is read as lines, parents before their children', () => {
  const schema = {
    type: 'object',
    required: ['value'],
    properties: {
      value: { type: 'object', properties: { unit: { enum: ['mg', 'g'] } } },
      notes: { type: 'array', items: { type: 'string', format: 'date' } },
    },
  }
  expect(members(schema).map(({ id, type, required }) => [id, type, required])).toEqual([
    ['/value', 'object', true],
    ['/value/unit', '"mg" | "g"', false],
    ['/notes', 'string (date)[]', false],
  ])
  expect(members(true)).toEqual([])
})

const type = (name: string, packs: string[] = [], volume24h = 0) =>
  ({ type: name, title: 'Title', description: '', objectType: 'thing', packs, volume24h }) as unknown as EventType

test('a family holds what is searched for, and its volume is theirs', () => {
  const all = [type('lab.result.final', ['a'], 3), type('lab.order.new', [], 4), type('appointment.booked', ['a'], 1)]
  expect(families(all, '', null).map(({ name, volume }) => [name, volume])).toEqual([
    ['appointment', 1],
    ['lab', 7],
  ])
  expect(families(all, 'lab res', null)[0]?.types.map((one) => one.type)).toEqual(['lab.result.final'])
  expect(families(all, '', 'a').flatMap(({ types }) => types)).toHaveLength(2)
})

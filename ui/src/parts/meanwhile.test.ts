import { expect, test } from 'vitest'

import { meanwhile, onTop } from './meanwhile'

const before = { name: 'Portal', timeout: '15s', types: ['lab.*'] }

test('what somebody else changed is told beside what one made of the same', () => {
  const theirs = { ...before, name: 'Ward portal', types: ['lab.*', 'order.*'] }
  const mine = { ...before, timeout: '30s', types: [] }
  expect(meanwhile(before, theirs, mine)).toEqual([
    { key: 'name', before: 'Portal', theirs: 'Ward portal' },
    { key: 'types', before: ['lab.*'], theirs: ['lab.*', 'order.*'], mine: [] },
  ])
})

test('one’s own changes go on top, and what one left alone stays theirs', () => {
  const theirs = { ...before, name: 'Ward portal', timeout: '20s' }
  expect(onTop(before, theirs, { ...before, timeout: '30s' })).toEqual({ ...before, name: 'Ward portal', timeout: '30s' })
})

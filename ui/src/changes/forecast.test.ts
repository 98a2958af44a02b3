import { expect, test } from 'vitest'

import { clausesThatDiffer, differs } from './forecast'

const verdict = (clauses: [string, string][], outcome = 'fired') => ({ outcome, reason: null, clauses: clauses.map(([text, result]) => ({ text, result })) })

test('only the clauses are told that came to something else, or are not in both', () => {
  const before = verdict([['a', 'holds'], ['b', 'holds']])
  const after = verdict([['a', 'holds'], ['b', 'fails'], ['c', 'holds']])
  expect(clausesThatDiffer({ before, after })).toEqual([
    { text: 'b', before: 'holds', after: 'fails' },
    { text: 'c', before: null, after: 'holds' },
  ])
  expect(clausesThatDiffer({ before: null, after: before })).toHaveLength(2)
})

test('what decides the same for the same reasons does not differ', () => {
  const fired = verdict([['a', 'holds']])
  expect(differs({ before: fired, after: fired })).toBe(false)
  expect(differs({ before: fired, after: verdict([['b', 'holds']]) })).toBe(true)
  expect(differs({ before: fired, after: verdict([['a', 'holds']], 'unchanged') })).toBe(true)
  expect(differs({ before: null, after: fired })).toBe(true)
})

import { expect, test } from 'vitest'

import { clausesThatDiffer } from './forecast'

const verdict = (clauses: [string, string][]) => ({ outcome: 'fired', reason: null, clauses: clauses.map(([text, result]) => ({ text, result })) })

test('only the clauses are told that came to something else, or are not in both', () => {
  const before = verdict([['a', 'holds'], ['b', 'holds']])
  const after = verdict([['a', 'holds'], ['b', 'fails'], ['c', 'holds']])
  expect(clausesThatDiffer(before, after)).toEqual([
    { text: 'b', before: 'holds', after: 'fails' },
    { text: 'c', before: null, after: 'holds' },
  ])
  expect(clausesThatDiffer(null, before)).toHaveLength(2)
  expect(clausesThatDiffer(before, before)).toEqual([])
})

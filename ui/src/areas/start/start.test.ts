import { expect, test } from 'vitest'

import { wanted } from './start'

test('of a pack only what the integration raises is asked for', () => {
  const pack = { eventTypes: ['lab.result.critical', 'encounter.admitted'] }
  expect(wanted(pack, { eventTypes: ['encounter.admitted', 'survey.created'] })).toEqual(['encounter.admitted'])
})

import { beforeEach, expect, test } from 'vitest'

import { forgetVisits, recent, visited } from './recent'

beforeEach(forgetVisits)

test('what was looked at last stands first, once, and the oldest goes', () => {
  for (let n = 0; n < 10; n += 1) visited({ path: `/integrations/int_${n}`, name: `EHR ${n}`, of: 'Integrations' })
  visited({ path: '/integrations/int_5', name: 'Renamed', of: 'Integrations' })
  expect(recent.value.map((one) => one.name)).toEqual(['Renamed', 'EHR 9', 'EHR 8', 'EHR 7', 'EHR 6', 'EHR 4', 'EHR 3', 'EHR 2'])
})

test('who signs out leaves nothing of it behind', () => {
  visited({ path: '/events/evt_1', name: 'lab.result.critical', of: 'Events' })
  forgetVisits()
  expect([recent.value, sessionStorage.length]).toEqual([[], 0])
})

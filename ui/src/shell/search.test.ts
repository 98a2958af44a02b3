import { expect, test } from 'vitest'

import { placeOf } from './search'

test('everything that is found has a page, and an id cannot lead out of it', () => {
  const hit = (kind: string, id: string, integrationId?: string) => placeOf({ kind, id, name: id, detail: '', integrationId })
  expect(hit('webhook', 'whk_1', 'int_1')).toBe('/integrations/int_1/webhooks/whk_1')
  expect(hit('event-type', 'lab.result.critical')).toBe('/catalogue/lab.result.critical')
  expect(hit('event', '../settings')).toBe('/events/..%2Fsettings')
  expect(hit('redrive', 'rdr_1')).toBe('/dead-letters')
})

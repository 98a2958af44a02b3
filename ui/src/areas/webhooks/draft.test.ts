import { expect, test } from 'vitest'

import type { EventType } from '@/api/lists'

import { blank, draftOf, wishOf } from './draft'
import { families, highValue } from './families'
import type { Webhook } from './watched'

const webhook = (more: object) =>
  ({
    ...{ id: 'whk_1', name: 'Portal', url: 'https://portal.example/', eventTypes: ['lab.*'], objectTypes: [], objectIds: [], sources: 'own' },
    ...{ ordering: 'none', acceptTest: false, auth: { kind: 'bearer' }, tls: { minVersion: '1.2', ca: null }, signing: { kind: 'hmac-sha256' } },
    ...{ timeout: '15s', maxInFlight: 16, lane: null, profile: 'reference', purpose: 'TREAT', recipientClass: 'provider', active: true, ...more },
  }) as unknown as Webhook

test('a webhook that is opened and saved asks for what it had, and keeps its credentials', () => {
  const before = webhook({ retry: { schedule: ['5s', '1m'], horizon: '72h' }, rateLimit: { perSecond: 50 }, filter: "data.value > 6.0 'mmol/L'", template: { text: { $path: 'type' } } })
  const wish = wishOf(draftOf(before), before)
  expect(wish).toMatchObject({ retry: { schedule: ['5s', '1m'], horizon: '72h' }, rateLimit: { perSecond: 50 }, auth: { kind: 'bearer' }, filter: "data.value > 6.0 'mmol/L'", template: { text: { $path: 'type' } }, active: true })
  expect(wish).not.toHaveProperty('signing')
})

test('a list of sources that the form cannot show is kept', () => {
  const before = webhook({ sources: ['int_1', 'int_2'] })
  expect(wishOf(draftOf(before), before).sources).toEqual(['int_1', 'int_2'])
})

test('gaps may be parted by commas or spaces, and headers without a value keep theirs', () => {
  const draft = { ...blank(), retryKind: 'list' as const, schedule: '5s 20s,1m', horizon: '', authKind: 'headers' as const, headers: [{ name: 'x-key', value: '' }] }
  expect(wishOf(draft)).toMatchObject({ retry: { schedule: ['5s', '20s', '1m'] }, auth: { kind: 'headers', headers: { 'x-key': null } } })
})

test('the meter counts what calls for a person, whatever the pattern', () => {
  const types = [
    { type: 'lab.result.critical', lane: 'critical', title: 'Critical', description: '' },
    { type: 'lab.result.available', lane: 'routine', title: 'Result', description: '' },
    { type: 'appointment.cancelled', lane: 'urgent', title: 'Cancelled', description: '' },
  ] as EventType[]
  expect(highValue(types, ['lab.*'])).toBe(1)
  expect(highValue(types, ['*'])).toBe(2)
  expect(families(types, 'critical').map((one) => one.name)).toEqual(['lab'])
})

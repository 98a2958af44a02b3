import { expect, test } from 'vitest'

import { lineOf } from './lines'

test('a note becomes a row that leads to what it is about', () => {
  const failed = lineOf({ kind: 'attempt', data: { at: '2026-01-01T00:00:00Z', deliveryId: 'dlv_1', error: 'dns', lane: 'critical' } }, '1')
  expect(failed).toMatchObject({ tone: 'bad', to: '/deliveries/dlv_1', lane: 'critical', at: Date.parse('2026-01-01T00:00:00Z') })
  expect(lineOf({ kind: 'event', data: { eventId: 'evt_1', eventType: 'lab.result' } }, '2')).toMatchObject({ text: 'lab.result', to: '/events/evt_1' })
})

test('what was missed leads nowhere and is a warning', () => {
  expect(lineOf({ kind: 'missed', data: { count: 12 } }, '1')).toMatchObject({ tone: 'warn', to: null })
})

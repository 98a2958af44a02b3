import { expect, test } from 'vitest'

import { type Group, takenHealthy, takenOf } from './dead-letters'

const group = (webhookId: string, error: string | null, healthy: boolean) => ({ id: `${webhookId} ${error}`, webhookId, error, healthy }) as Group

test('all that healthy webhooks are owed is one redrive, and nothing of the others', () => {
  const groups = [group('whk_1', 'http_5xx', true), group('whk_1', 'dns', true), group('whk_2', 'dns', false)]
  expect(takenHealthy(groups).filter).toEqual({ webhookIds: ['whk_1'] })
})

test('a group without a cause is its whole webhook', () => {
  expect(takenOf(group('whk_1', null, true)).filter).toEqual({ webhookId: 'whk_1' })
  expect(takenOf(group('whk_1', 'dns', true)).filter).toEqual({ webhookId: 'whk_1', error: 'dns' })
})

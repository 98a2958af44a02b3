import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, test, vi } from 'vitest'

import { useWebhookStore } from './store'

const WEBHOOK = { id: 'whk_1', name: 'Portal', status: 'active', eventTypes: ['lab.*'], objectTypes: [], signing: { kind: 'hmac-sha256', secret: 'whsec_once' } }
const STATUS = { status: 'active', breaker: 'flowing', successRate24h: 1, latencyMs: { p95: 12 } }
const answers: Record<string, unknown> = {
  'GET /admin/integration/int_1/webhooks': [WEBHOOK],
  'GET /admin/integration/int_1': { eventTypes: ['lab.result.critical'], objectTypes: ['lab_report'] },
  'GET /admin/event-types': { data: [{ type: 'lab.result.critical' }, { type: 'survey.completed' }], next: null },
  'GET /admin/integration/int_1/webhooks/whk_1/status': STATUS,
  'POST /admin/integration/int_1/webhooks': { ...WEBHOOK, id: 'whk_2' },
  'DELETE /admin/integration/int_1/webhooks/whk_1': undefined,
}

beforeEach(() => {
  setActivePinia(createPinia())
  vi.stubGlobal('fetch', (request: Request) => {
    const { pathname } = new URL(request.url)
    const key = `${request.method} ${pathname}`
    if (!(key in answers)) {
      const body = JSON.stringify({ type: '', title: 'Not found', status: 404, code: 'not_found', detail: key })
      return Promise.resolve(new Response(body, { status: 404, headers: { 'content-type': 'application/problem+json' } }))
    }
    const body = answers[key]
    return Promise.resolve(body === undefined ? new Response(null, { status: 204 }) : Response.json(body, { status: request.method === 'POST' ? 201 : 200 }))
  })
})

test('the store holds exactly the nine members that the screens read', () => {
  const keys = ['webhooks', 'loading', 'creating', 'updating', 'deleting', 'error', 'currentIntegrationId', 'eventTypes', 'objectTypes']
  expect(Object.keys(useWebhookStore().$state)).toEqual(keys)
})

test('opening an integration loads its webhooks with their health, and only the types that it raises', async () => {
  const store = useWebhookStore()
  const opening = store.open('int_1')
  expect([store.loading, store.currentIntegrationId]).toEqual([true, 'int_1'])
  await opening
  expect(store.loading).toBe(false)
  expect(store.webhooks[0]).toMatchObject({ id: 'whk_1', health: { breaker: 'flowing' } })
  expect(store.eventTypes.map((one) => one.type)).toEqual(['lab.result.critical'])
  expect(store.objectTypes).toEqual(['lab_report'])
})

test('a secret is given to whoever asked and never kept', async () => {
  const store = useWebhookStore()
  await store.open('int_1')
  const creating = store.create({ name: 'Portal' })
  expect(store.creating).toBe(true)
  expect((await creating).signing.secret).toBe('whsec_once')
  expect(store.creating).toBe(false)
  expect(JSON.stringify(store.webhooks.find((one) => one.id === 'whk_2'))).not.toContain('whsec_once')
})

test('what fails is kept as the error, and the next call begins without it', async () => {
  const store = useWebhookStore()
  await store.open('int_1')
  await expect(store.update('whk_9', {})).rejects.toMatchObject({ code: 'not_found' })
  expect([store.updating, store.error?.message]).toEqual([false, 'Not found'])
  const removing = store.remove('whk_1')
  expect([store.deleting, store.error]).toEqual([true, null])
  await removing
  expect([store.deleting, store.webhooks.length]).toEqual([false, 0])
})

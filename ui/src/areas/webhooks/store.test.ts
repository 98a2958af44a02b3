import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, test, vi } from 'vitest'

import { useWebhookStore } from './store'

const WEBHOOK = { id: 'whk_1', name: 'Portal', status: 'active', eventTypes: ['lab.*'], objectTypes: [], signing: { kind: 'hmac-sha256', secret: 'whsec_once' } }
const STATUS = { status: 'active', breaker: 'flowing', successRate24h: 1, latencyMs: { p95: 12 } }
const answers: Record<string, unknown> = {
  'GET /admin/integration/int_1/webhooks': [WEBHOOK],
  'GET /admin/integration/int_1': { eventTypes: ['lab.result.critical'], objectTypes: ['lab_report'], polled: [{ objectType: 'contact', eventType: 'survey.contact.updated' }] },
  'GET /admin/event-types': { data: [{ type: 'lab.result.critical' }, { type: 'survey.completed' }], next: null },
  'GET /admin/integration/int_1/webhooks/whk_1/status': STATUS,
  'GET /admin/integration/int_1/webhooks/whk_1/logs': { data: [{ id: 'att_2' }], next: 'older' },
  'GET /admin/integration/int_1/webhooks/whk_1/logs?after=older': { data: [{ id: 'att_1' }], next: null },
  'GET /admin/integration/int_1/webhooks/whk_1/logs?status=failed': { data: [], next: null },
  'POST /admin/integration/int_1/webhooks': { ...WEBHOOK, id: 'whk_2' },
  'POST /admin/integration/int_1/webhooks/whk_1/challenge': { at: '2026-01-01T09:30:00.000Z', ok: true, error: null, status: 200, nextAt: null },
  'DELETE /admin/integration/int_1/webhooks/whk_1': undefined,
  'POST /admin/integration/int_1/webhooks/preview': { url: 'https://a.example/' },
  'POST /admin/integration/int_1/webhooks/test': { ok: true },
}

beforeEach(() => {
  setActivePinia(createPinia())
  vi.stubGlobal('fetch', (request: Request) => {
    const { pathname, search } = new URL(request.url)
    const key = `${request.method} ${pathname}${pathname.endsWith('/logs') ? search : ''}`
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
  expect(store.objectTypes).toEqual([{ name: 'lab_report', polled: false }, { name: 'contact', polled: true }])
})

test('what the form asks for is asked through the store, which keeps none of it', async () => {
  const store = useWebhookStore()
  await store.open('int_1')
  const before = JSON.stringify(store.$state)
  expect(await store.preview({})).toEqual({ url: 'https://a.example/' })
  expect(await store.test({})).toEqual({ ok: true })
  expect(JSON.stringify(store.$state)).toBe(before)
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

test('a receiver is challenged when somebody asks, and what its webhook is then is read again', async () => {
  const store = useWebhookStore()
  await store.open('int_1')
  Object.assign(store.webhooks[0]!, { status: 'pending' })
  expect(await store.challenge('whk_1')).toMatchObject({ ok: true, status: 200 })
  expect(store.webhooks[0]).toMatchObject({ status: 'active' })
})

test('what fails is kept as the error, and the next call begins without it', async () => {
  const store = useWebhookStore()
  await store.open('int_1')
  await expect(store.update('whk_9', {}, null)).rejects.toMatchObject({ code: 'not_found' })
  expect([store.updating, store.error?.message]).toEqual([false, 'Not found'])
  const removing = store.remove('whk_1')
  expect([store.deleting, store.error]).toEqual([true, null])
  await removing
  expect([store.deleting, store.webhooks.length]).toEqual([false, 0])
})

test('the calls to a webhook are read into the store page by page, and anew for other filters', async () => {
  const store = useWebhookStore()
  await store.open('int_1')
  const log = () => store.webhooks[0]!.log
  const reading = store.readLog('whk_1', {})
  expect([log().read, log().asking]).toEqual([false, true])
  await reading
  await store.askLog('whk_1', 'older')
  expect([log().attempts.map((one) => one.id), log().next]).toEqual([['att_2', 'att_1'], null])
  await store.askLog('whk_1')
  expect(log().attempts.map((one) => one.id)).toEqual(['att_2', 'att_1'])
  await store.readLog('whk_1', { status: 'failed' })
  expect([log().read, log().attempts]).toEqual([true, []])
})

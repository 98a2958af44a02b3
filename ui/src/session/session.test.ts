import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { api } from '@/api/client'

import { safeBack, takeLink } from './back'
import { useSession } from './store'

const session = { actor: 'key_1', role: 'viewer', organisation: { id: 'org_1', name: 'Riverside' }, csrf: 'token-1', expiresAt: '2026-01-01T00:00:00.000Z', dev: false }
const unauthorized = { type: '/docs/errors/unauthorized', title: 'No credentials', status: 401, code: 'unauthorized', detail: 'Sign in.' }
let answers: Response[] = []
let calls: Request[] = []

const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })

beforeEach(() => {
  setActivePinia(createPinia())
  calls = []
  vi.stubGlobal('fetch', (input: Request | string, init?: RequestInit) => {
    calls.push(input instanceof Request ? input : new Request(new URL(input, location.origin), init))
    return Promise.resolve(answers.shift()!)
  })
})
afterEach(() => vi.unstubAllGlobals())

test('a browser that holds a session is signed in, and its writes carry the token', async () => {
  answers = [json(200, session), json(200, {})]
  const store = useSession()
  await store.resume()
  expect([store.state, store.mayWrite]).toEqual(['in', false])
  await api.POST('/admin/events/{id}/replay', { params: { path: { id: 'evt_1' } }, body: {} })
  expect(calls[1]!.headers.get('x-csrf-token')).toBe('token-1')
  expect(calls[1]!.headers.get('idempotency-key')).toMatch(/^[0-9a-f-]{36}$/)
})

test('a session that ends while somebody works is expired, not signed out', async () => {
  answers = [json(200, session), json(401, unauthorized)]
  const store = useSession()
  await store.signIn({ key: 'chk_1' })
  await expect(api.GET('/admin/keys', { params: { query: {} } })).rejects.toMatchObject({ code: 'unauthorized' })
  expect([store.state, store.expired, store.who]).toEqual(['out', true, null])
})

test('a refused key leaves nobody signed in, and signing out forgets the token', async () => {
  answers = [json(401, unauthorized), json(200, session), new Response(null, { status: 204 }), json(200, {})]
  const store = useSession()
  await expect(store.signIn({ key: 'no' })).rejects.toMatchObject({ status: 401 })
  expect(store.state).toBe('unknown')
  await store.signIn({ link: 'once' })
  await store.signOut()
  expect([store.state, store.expired]).toEqual(['out', false])
  await api.POST('/admin/events/{id}/replay', { params: { path: { id: 'evt_1' } }, body: {} })
  expect(calls.at(-1)!.headers.has('x-csrf-token')).toBe(false)
})

test('after sign-in one goes back to a page of ours and nowhere else', () => {
  expect(safeBack('/events/evt_1?tab=raw')).toBe('/events/evt_1?tab=raw')
  for (const elsewhere of ['//evil.example', 'https://evil.example', '/\\evil.example', '/signin?back=/', 7, undefined]) {
    expect(safeBack(elsewhere)).toBe('/')
  }
})

test('the one-time link leaves the address as soon as it is read', () => {
  history.replaceState(null, '', '/signin?back=%2Fevents#one-time')
  expect(takeLink()).toBe('one-time')
  expect(location.href).not.toContain('one-time')
  expect(location.search).toBe('?back=%2Fevents')
  expect(takeLink()).toBeNull()
})

test('a screen that nobody touches is left when its session ends, without keeping it open', async () => {
  vi.useFakeTimers()
  const soon = new Date(Date.now() + 60_000).toISOString()
  const later = new Date(Date.now() + 120_000).toISOString()
  answers = [json(200, { ...session, expiresAt: soon }), json(200, { ...session, expiresAt: later }), json(401, unauthorized)]
  const store = useSession()
  await store.resume()
  await vi.advanceTimersByTimeAsync(62_000)
  expect([calls.length, store.state]).toEqual([2, 'in'])
  await vi.advanceTimersByTimeAsync(62_000)
  expect([calls.length, store.state, store.expired]).toEqual([3, 'out', true])
  vi.useRealTimers()
})

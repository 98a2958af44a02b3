import createClient, { type Middleware } from 'openapi-fetch'

import { reportAway, reportBack } from './away'
import { Away, problemOf } from './problem'
import type { paths } from './schema'

/** What the client must know of the session, and tells it. */
export interface Bound {
  /** What writes carry. */
  csrf: string
  /** The server knows nobody by the cookie any more. */
  ended: () => void
  /** Another tab has signed in anew: the token of this one is old. */
  stale: () => void
}

let bound: Bound | null = null

/** Ties the client to a session, or to none. */
export function bindSession(to: Bound | null): void {
  bound = to
}

const credentials: Middleware = {
  onRequest({ request }) {
    if (request.method === 'GET') return
    if (bound) request.headers.set('x-csrf-token', bound.csrf)
    // A write that is sent twice by a flaky network is done once.
    if (!request.headers.has('idempotency-key')) request.headers.set('idempotency-key', crypto.randomUUID())
  },
  async onResponse({ response }) {
    if (response.ok) {
      reportBack()
      return
    }
    const problem = await problemOf(response)
    if (problem instanceof Away) reportAway()
    else {
      reportBack()
      if (problem.isSignedOut) bound?.ended()
      if (problem.code === 'csrf') bound?.stale()
    }
    throw problem
  },
  onError({ error }) {
    if (error instanceof DOMException && error.name === 'AbortError') return error
    reportAway()
    return new Away('no answer')
  },
}

/** The server's calls, typed from `openapi.json`. A call that fails throws a `Problem` or `Away`. */
export const api = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? 'http://localhost',
  credentials: 'same-origin',
  fetch: (request: Request) => globalThis.fetch(request),
})
api.use(credentials)

/** The content of an answer that has one. */
export async function content<T>(answer: Promise<{ data?: T }>): Promise<T> {
  const { data } = await answer
  return data as T
}

/** The text at an address that the description does not hold, of exactly this type. */
export async function textAt(path: string, type: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(path, { headers: { accept: type }, credentials: 'same-origin', signal }).catch((error: unknown) => {
    throw signal.aborted ? error : new Away('no answer')
  })
  const isText = response.headers.get('content-type')?.startsWith(type)
  if (response.ok && isText) return response.text()
  throw await problemOf(response.ok ? new Response(null, { status: 404 }) : response)
}

/** Asks the FHIR facade of an integration, which the description does not hold. */
export async function fhir<T>(integration: string, path: string, init: { method?: 'POST' | 'DELETE'; body?: unknown; signal?: AbortSignal } = {}): Promise<T> {
  const { method = 'GET', body, signal } = init
  const door = api as unknown as { request: (method: string, path: string, init: object) => Promise<{ data?: T }> }
  const type = body === undefined ? {} : { 'content-type': 'application/fhir+json' }
  return content(door.request(method.toLowerCase(), `/fhir/${encodeURIComponent(integration)}/${path}`, { body, signal, headers: { accept: 'application/fhir+json', ...type } }))
}

/** Sends an event in by an integration's door, as a source does; the description holds only `/admin`. */
export async function sendIn<T>(integration: string, body: unknown): Promise<T> {
  const door = api as unknown as { POST: (path: string, init: { body: unknown }) => Promise<{ data?: T }> }
  return content(door.POST(`/ingest/${encodeURIComponent(integration)}/events`, { body }))
}

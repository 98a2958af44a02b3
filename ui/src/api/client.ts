import createClient, { type Middleware } from 'openapi-fetch'

import { reportAway, reportBack } from './away'
import { Away, problemOf } from './problem'
import type { paths } from './schema'

let csrf = ''
let onSignedOut: () => void = () => {}

/** The session tells what its writes carry and what becomes of it when it ends. */
export function bindSession(token: string, signedOut: () => void): void {
  csrf = token
  onSignedOut = signedOut
}

const credentials: Middleware = {
  onRequest({ request }) {
    if (request.method === 'GET') return
    if (csrf) request.headers.set('x-csrf-token', csrf)
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
      if (problem.isSignedOut) onSignedOut()
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

/** A call that the description does not hold; the same credentials, the same problems. */
export async function raw<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<T> {
  const headers = new Headers({ accept: 'application/json' })
  if (body !== undefined) headers.set('content-type', 'application/json')
  if (method !== 'GET' && csrf) headers.set('x-csrf-token', csrf)
  const response = await answered(path, { method, headers, body: body === undefined ? null : JSON.stringify(body) })
  return (response.status === 204 ? undefined : await response.json()) as T
}

/** The text at a path, of exactly this type. */
export async function rawText(path: string, type: string, signal: AbortSignal): Promise<string> {
  const response = await answered(path, { headers: { accept: type }, signal })
  if (!response.headers.get('content-type')?.startsWith(type)) throw await problemOf(new Response(null, { status: 404 }))
  return response.text()
}

async function answered(path: string, request: RequestInit): Promise<Response> {
  const response = await fetch(path, { credentials: 'same-origin', ...request }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    reportAway()
    throw new Away('no answer')
  })
  if (!response.ok) {
    const problem = await problemOf(response)
    if (problem instanceof Away) reportAway()
    throw problem
  }
  reportBack()
  return response
}

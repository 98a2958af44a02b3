import { expect, test } from 'vitest'

import { Away, Problem, problemOf } from './problem'

const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  })

test('a problem carries what, why, where and how to mend it', async () => {
  const body = { type: '/docs/errors/url_missing_scheme', title: 'No scheme', status: 422, code: 'url_missing_scheme', detail: 'Begin with https.', field: '/url', fix: 'add https://' }
  const problem = (await problemOf(answer(422, body, { 'retry-after': '7' }))) as Problem
  expect(problem).toMatchObject({ code: 'url_missing_scheme', field: '/url', fix: 'add https://', page: '/docs/errors/url_missing_scheme', retryAfter: 7 })
  expect(problem.words).toBe('Begin with https. Add https://')
  expect([problem.isSignedOut, problem.isForbidden, problem.isMissing]).toEqual([false, false, false])
})

test('what a proxy says in place of the server means that it is away', async () => {
  expect(await problemOf(answer(502, '<html>', { 'content-type': 'text/html' }))).toBeInstanceOf(Away)
})

test('an answer that is no problem still has a status to show', async () => {
  expect(await problemOf(answer(418, 'not json'))).toMatchObject({ status: 418, code: 'http_418', title: 'HTTP 418' })
})

test('an overloaded server that says so itself is not away', async () => {
  const body = { type: '/docs/errors/overloaded', title: 'Overloaded', status: 503, code: 'overloaded', detail: 'Later.' }
  expect(await problemOf(answer(503, body))).toMatchObject({ code: 'overloaded' })
})

test('what the FHIR facade refuses says why and where too', async () => {
  const issue = { severity: 'error', code: 'business-rule', diagnostics: 'Only an active Subscription is sent anything.', expression: ['Subscription.status'] }
  const outcome = { resourceType: 'OperationOutcome', issue: [issue] }
  expect(await problemOf(answer(409, outcome))).toMatchObject({ status: 409, code: 'business-rule', detail: issue.diagnostics, field: 'Subscription.status' })
})

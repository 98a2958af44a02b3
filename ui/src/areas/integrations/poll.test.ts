import { expect, test } from 'vitest'

import { freshPoll, pollOf, pollSettings } from './poll'

test('what was answered goes back as it was, without the secret that nobody sees', () => {
  const poll = {
    url: 'https://ehr.example/fhir', searches: ['Patient', 'Observation?category=laboratory'], every: '2m', overlap: '5m',
    requestsPerHour: 600, since: '2026-01-01T00:00:00.000Z', ca: null, auth: { kind: 'basic', username: 'care' },
  }
  expect(pollSettings(pollOf(poll))).toEqual({ ...poll, auth: { kind: 'basic', username: 'care', password: undefined } })
})

test('a way to sign in sends its own members and no others', () => {
  const draft = { ...freshPoll(), username: 'left over', clientId: 'care', secret: ' key ' }
  expect(pollSettings({ ...draft, auth: 'none' })?.auth).toEqual({ kind: 'none' })
  expect(pollSettings({ ...draft, auth: 'bearer' })?.auth).toEqual({ kind: 'bearer', token: 'key' })
  expect(pollSettings({ ...draft, auth: 'smart-backend' })?.auth).toMatchObject({ clientId: 'care', privateKey: 'key', tokenUrl: undefined })
})

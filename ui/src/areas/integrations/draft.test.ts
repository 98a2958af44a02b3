import { expect, test } from 'vitest'

import { draftOf, fresh, settingsOf } from './draft'
import type { Integration } from './integration'
import { isInClear, portOf } from './port'

const FIELDS = [
  { name: 'clientId', title: 'Client ID', hint: '', secret: false, required: true },
  { name: 'secret', title: 'API secret', hint: '', secret: true, required: true },
]

test('only an HL7 v2 integration has a port', () => {
  const draft = fresh('hl7v2', 'Lab', 'Europe/London')
  draft.port.allow = '10.0.0.0/8, 192.168.0.0/16'
  expect(settingsOf(draft, []).mllp).toMatchObject({ listen: '127.0.0.1:2575', allow: ['10.0.0.0/8', '192.168.0.0/16'], sendingFacility: null })
  expect(settingsOf({ ...draft, kind: 'fhir' }, []).mllp).toBeUndefined()
  expect(settingsOf({ ...draft, hasPort: false }, []).mllp).toBeUndefined()
})

test('a port that other machines reach without TLS is asked why', () => {
  const { port } = fresh('hl7v2', 'Lab', 'UTC')
  const at = (listen: string) => isInClear({ ...port, listen })
  expect(['127.0.0.1:2575', ' [::1]:2575', '0.0.0.0:2575', '10.0.0.7:2575', '[::]:2575'].map(at)).toEqual([false, false, true, true, true])
  expect(isInClear({ ...port, listen: '0.0.0.0:2575', hasTls: true })).toBe(false)
  const draft = { ...fresh('hl7v2', 'Lab', 'UTC'), port: portOf({ listen: '10.0.0.7:2575', allow: [], justification: 'a VPN' }) }
  expect(settingsOf(draft, []).mllp?.justification).toBe('a VPN')
})

test('TLS of a port goes back as it was answered, and its key only where a new one was typed', () => {
  const draft = fresh('hl7v2', 'Lab', 'UTC')
  const tls = { certificate: 'PEM', clientCa: null, clients: ['engine.north.test'], minVersion: '1.3', notAfter: '2031-01-01T00:00:00Z' }
  draft.port = portOf({ listen: '127.0.0.1:2575', allow: [], tls })
  expect(settingsOf(draft, []).mllp?.tls).toEqual({ certificate: 'PEM', privateKey: undefined, clientCa: null, clients: ['engine.north.test'], minVersion: '1.3' })
  draft.port.privateKey = 'KEY'
  expect(settingsOf(draft, []).mllp?.tls?.privateKey).toBe('KEY')
  draft.port.hasTls = false
  expect(settingsOf(draft, []).mllp?.tls).toBeNull()
})

test('a secret that is left empty is not sent, and several lines are several keys', () => {
  const draft = fresh('surveymonkey', 'Surveys', 'UTC')
  draft.preset = { clientId: 'abc', secret: '  ' }
  expect(settingsOf(draft, FIELDS).preset).toEqual({ clientId: 'abc' })
  draft.preset.secret = 'new\nold\n'
  expect(settingsOf(draft, FIELDS).preset).toEqual({ clientId: 'abc', secret: ['new', 'old'] })
})

test('what was answered goes back as it was, without what only counts keys', () => {
  const one = {
    id: 'int_1', name: 'Surveys', kind: 'surveymonkey', environment: 'test', region: 'uk', timeZone: 'UTC', fhirVersion: '4.0.1',
    allow: ['10.0.0.0/8'], fields: { drop: ['body.email'], accept: [] }, autoRecover: true, silentAfter: '2h', mllp: null, poll: null, eventTypes: [], objectTypes: [], createdAt: '2026-11-24T00:00:00Z',
    preset: { clientId: 'abc', keys: { secret: 1 } },
  } satisfies Integration
  const settings = settingsOf(draftOf(one), FIELDS)
  expect(settings).toEqual({
    name: 'Surveys', kind: 'surveymonkey', environment: 'test', region: 'uk', timeZone: 'UTC', fhirVersion: '4.0.1',
    allow: ['10.0.0.0/8'], fields: { drop: ['body.email'], accept: [] }, autoRecover: true, silentAfter: '2h', preset: { clientId: 'abc' },
  })
})

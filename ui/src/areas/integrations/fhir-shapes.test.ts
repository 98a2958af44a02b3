import { expect, test } from 'vitest'

import { standing, subscription, topic } from './fhir-shapes'

const GUIDE = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/'

test('a Subscription says the same in R4 and in R5', () => {
  const common = { resourceType: 'Subscription', id: 'a1', status: 'active', reason: 'Show results' }
  const r4 = {
    ...common,
    criteria: 'urn:carehook:topic:critical-lab',
    _criteria: { extension: [{ url: `${GUIDE}backport-filter-criteria`, valueString: 'Observation?patient=Patient/1' }] },
    channel: {
      type: 'rest-hook',
      endpoint: 'https://portal.example/',
      _payload: { extension: [{ url: `${GUIDE}backport-payload-content`, valueCode: 'id-only' }] },
      extension: [{ url: `${GUIDE}backport-heartbeat-period`, valueUnsignedInt: 60 }],
    },
  }
  const r5 = {
    ...common,
    topic: 'urn:carehook:topic:critical-lab',
    filterBy: [{ resourceType: 'Observation', filterParameter: 'patient', value: 'Patient/1' }],
    channelType: { code: 'rest-hook' },
    endpoint: 'https://portal.example/',
    content: 'id-only',
    heartbeatPeriod: 60,
  }
  expect(subscription(r4)).toEqual(subscription(r5))
  expect(subscription(r4)).toMatchObject({ channel: 'rest-hook', filters: ['Observation?patient=Patient/1'], content: 'id-only', heartbeat: 60 })
})

test('how it stands is read from Parameters and from a SubscriptionStatus', () => {
  const error = { coding: [{ code: 'no-response' }] }
  const reference = 'https://care.example/fhir/int_1/Subscription/a1'
  const r4 = {
    resourceType: 'Parameters',
    parameter: [
      { name: 'subscription', valueReference: { reference } },
      { name: 'events-since-subscription-start', valueString: '7' },
      { name: 'error', valueCodeableConcept: error },
    ],
  }
  const r5 = { resourceType: 'SubscriptionStatus', subscription: { reference }, eventsSinceSubscriptionStart: '7', error: [error] }
  expect(standing(r4)).toEqual(['a1', { events: 7, error: 'no-response' }])
  expect(standing(r5)).toEqual(standing(r4))
})

test('a topic of R4 is a Basic that says what later versions say', () => {
  const of = (name: string) => `http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic.${name}`
  const basic = {
    resourceType: 'Basic',
    id: 'end',
    extension: [
      { url: of('url'), valueUri: 'urn:topic:end' },
      { url: of('title'), valueString: 'End' },
      { url: of('description'), valueMarkdown: 'It is over.' },
      { url: of('resourceTrigger'), extension: [{ url: 'resource', valueUri: 'http://hl7.org/fhir/StructureDefinition/Encounter' }] },
      { url: of('canFilterBy'), extension: [{ url: 'resource', valueUri: 'Encounter' }, { url: 'filterParameter', valueString: 'patient' }] },
    ],
  }
  const whole = {
    resourceType: 'SubscriptionTopic',
    id: 'end',
    url: 'urn:topic:end',
    title: 'End',
    description: 'It is over.',
    resourceTrigger: [{ resource: 'http://hl7.org/fhir/StructureDefinition/Encounter' }],
    canFilterBy: [{ resource: 'Encounter', filterParameter: 'patient' }],
  }
  expect(topic(basic)).toEqual(topic(whole))
  expect(topic(whole)).toMatchObject({ resources: ['Encounter'], filters: ['patient'] })
})

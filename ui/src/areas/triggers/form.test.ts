import { expect, test } from 'vitest'

import { fieldsOf, settingsOf } from './form'

test('a new trigger is a bound for an observation, with the usual state', () => {
  const fields = { ...fieldsOf(null), name: 'Low', eventType: 'vital.threshold_crossed', code: '59408-5', value: '90,5', unit: '%' }
  const settings = settingsOf(fields)
  expect(settings.threshold).toEqual({ code: '59408-5', comparator: '<', value: 90.5, unit: '%' })
  expect(settings.state).toEqual({})
  expect(settings.fhirPath).toBeUndefined()
})

test('what a way has no use for is left out', () => {
  const fields = { ...fieldsOf(null), way: 'eventCodes', eventCodes: 'A01, A04', code: '59408-5' }
  expect(settingsOf(fields).eventCodes).toEqual(['A01', 'A04'])
  expect(settingsOf(fields).threshold).toBeUndefined()
})

test('nothing typed stays nothing, so that the server tells what is missing', () => {
  const fields = { ...fieldsOf(null), kind: 'change', within: '48h', percent: '' }
  expect(settingsOf(fields).state).toEqual({ kind: 'change', value: undefined, direction: 'rise', amount: undefined, percent: undefined, within: '48h' })
  expect(settingsOf(fields).threshold?.value).toBeUndefined()
})

test('members that it adds are one in a line, and an expression may hold colons', () => {
  const fields = { ...fieldsOf(null), enrich: "ward: encounter.display\n\nsent: 'at: ' & status" }
  expect(settingsOf(fields).enrich).toEqual({ ward: 'encounter.display', sent: "'at: ' & status" })
})

test('over events only an expression says when it fires, and no interaction is asked for', () => {
  const fields = { ...fieldsOf(null), sight: 'events', onEventTypes: ['survey.response.completed', 'acme.form.answered'], fhirPath: 'data.score <= 6', code: '59408-5' }
  const settings = settingsOf(fields)
  expect(settings.onEventTypes).toEqual(['survey.response.completed', 'acme.form.answered'])
  expect(settings.fhirPath).toBe('data.score <= 6')
  expect([settings.resourceType, settings.interactions, settings.threshold]).toEqual([undefined, undefined, undefined])
})

import { expect, test } from 'vitest'

import type { EventType } from '@/api/lists'

import { sampleEvent, sampleResource } from './sample'
import type { TriggerSettings } from './triggers'

const threshold = (code: string) => ({ resourceType: 'Observation', threshold: { code, comparator: '<', value: 90, unit: '%' } }) as TriggerSettings

test('a sample for a bound has its code, in the system that it names or in LOINC, and its value', () => {
  expect(sampleResource(threshold('59408-5'))).toMatchObject({ code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] }, valueQuantity: { value: 90, code: '%' } })
  expect(sampleResource(threshold('urn:own|SAT'))).toMatchObject({ code: { coding: [{ system: 'urn:own', code: 'SAT' }] } })
  expect([sampleResource(threshold('')), sampleResource({ resourceType: 'Encounter' } as TriggerSettings)]).toEqual([null, null])
})

test('a sample for events is that of the first type, once one is chosen', () => {
  const types = [{ type: 'form.completed', sample: { formRef: 'F-1' } }] as unknown as EventType[]
  expect(sampleEvent({ onEventTypes: ['form.completed'] } as TriggerSettings, types)).toEqual({ type: 'form.completed', data: { formRef: 'F-1' } })
  expect(sampleEvent({ onEventTypes: [] as string[] } as TriggerSettings, types)).toBeNull()
})

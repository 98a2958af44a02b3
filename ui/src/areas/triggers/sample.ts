import type { EventType } from '@/api/lists'

import type { SentEvent, TriggerSettings } from './triggers'

/** An event of the first type that a trigger looks at, as a sender writes it; null where none is chosen yet. */
export function sampleEvent({ onEventTypes }: TriggerSettings, types: readonly EventType[]): SentEvent | null {
  const found = types.find(({ type }) => type === onEventTypes?.[0])
  return found ? ({ type: found.type, data: found.sample } as SentEvent) : null
}

const LOINC = 'http://loinc.org'

/** A final observation whose value is the bound of a trigger; null where it has none. */
export function sampleResource({ threshold, resourceType }: TriggerSettings): object | null {
  if (!threshold?.code || threshold.value === undefined || resourceType !== 'Observation') return null
  const parts = threshold.code.split('|')
  const code = parts.pop()
  return {
    resourceType,
    status: 'final',
    code: { coding: [{ system: parts[0] || LOINC, code }] },
    subject: { identifier: { system: 'urn:example:mrn', value: 'TEST-1' } },
    valueQuantity: { value: threshold.value, unit: threshold.unit, system: 'http://unitsofmeasure.org', code: threshold.unit },
  }
}

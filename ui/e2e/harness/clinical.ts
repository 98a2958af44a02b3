import type { Setting } from './setting'
import { until } from './until'

const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition'
const TOPIC = 'urn:carehook:topic:critical-lab'

/** A saturation, as a monitor sends it; `value` in percent. */
export const saturation = (value: number, more: { id?: string; note?: object[] } = {}) => ({
  resourceType: 'Observation',
  id: 'saturation-1',
  status: 'final',
  category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] }],
  code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
  subject: { identifier: { system: 'urn:mrn', value: 'MRN-1001' } },
  effectiveDateTime: '2026-01-01T10:00:00Z',
  valueQuantity: { value, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
  ...more,
})

/** A critical potassium, as a laboratory sends it. */
export const potassium = (id: string) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }] }],
  code: { coding: [{ system: 'http://loinc.org', code: '2823-3' }] },
  subject: { identifier: { system: 'urn:mrn', value: 'MRN-1001' } },
  effectiveDateTime: '2026-01-01T10:00:00Z',
  interpretation: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', code: 'HH' }] }],
  valueQuantity: { value: 6.9, unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' },
})

/** A result with a code, a unit and a segment that no table knows. */
export const LOCAL_RESULT = [
  'MSH|^~\\&|LAB|NORTH|||20260101101500||ORU^R01|MSG1|P|2.5',
  'PID|1||MRN-1001||Doe^Jane',
  'OBR|1||A1|K^Potassium^L|||20260101101400|||||||||||||||20260101101500|||F',
  'OBX|1|NM|K^Potassium^L||6.9|mmoll|3.5-5.1|HH|||F',
  'ZPD|1|note',
].join('\r')

/** A bound for a saturation, as a trigger. */
export const LOW_SATURATION = {
  name: 'Saturation below 90',
  resourceType: 'Observation',
  eventType: 'vital.threshold_crossed',
  threshold: { code: 'http://loinc.org|59408-5', comparator: '<', value: 90, unit: '%' },
  interactions: ['create', 'update'],
}

/** Puts a FHIR resource in under its id. */
export async function sendResource(story: Setting, integration: string, resource: { resourceType: string; id: string }): Promise<void> {
  await accepted(story, ['PUT', `${integration}/fhir/${resource.resourceType}/${resource.id}`], 'application/fhir+json', JSON.stringify(resource))
}

/** Sends an HL7 v2 message in. */
export async function sendMessage(story: Setting, integration: string, message: string): Promise<void> {
  await accepted(story, ['POST', `${integration}/hl7v2`], 'text/plain', message)
}

async function accepted(story: Setting, [method, door]: [method: string, door: string], type: string, body: string): Promise<void> {
  const answer = await fetch(`${story.server.url}/ingest/${door}`, { method, headers: { authorization: `Bearer ${story.server.key}`, 'content-type': type }, body })
  if (!answer.ok) throw new Error(`${door}: ${answer.status}: ${await answer.text()}`)
}

/** A client's Subscription to critical results; its id, once its handshake came to `status`. */
export async function subscribe(story: Setting, integration: string, status: 'active' | 'error', reason = 'Show critical results'): Promise<string> {
  const wish = {
    resourceType: 'Subscription',
    status: 'requested',
    reason,
    criteria: TOPIC,
    _criteria: { extension: [{ url: `${BACKPORT}/backport-filter-criteria`, valueString: 'Observation?status=final' }] },
    channel: {
      type: 'rest-hook',
      endpoint: `${story.receiver.url}/fhir`,
      payload: 'application/fhir+json',
      _payload: { extension: [{ url: `${BACKPORT}/backport-payload-content`, valueCode: 'id-only' }] },
    },
  }
  const { id } = await story.server.call<{ id: string }>('POST', `/fhir/${integration}/Subscription`, wish, 201)
  await until(`the Subscription is ${status}`, async () => (await story.server.call<{ status: string }>('GET', `/fhir/${integration}/Subscription/${id}`)).status === status)
  return id
}

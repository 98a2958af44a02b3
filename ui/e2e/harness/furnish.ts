import type { Page } from 'playwright-core'

import { LOCAL_RESULT, LOW_SATURATION, saturation, sendMessage, sendResource, subscribe } from './clinical'
import { HOSTILE, HOSTILE_HEADER } from './hostile'
import { findHostile, openRejection, revealAnswer, revealEvent } from './openings'
import type { Setting } from './setting'
import { until } from './until'

/** What to call a page, its path, and what is done there first. */
export type Place = [name: string, path: string, first?: (page: Page) => Promise<void>]

/** Fills a server with something of everything, each with a hostile name, and names every page of it. */
export async function furnish(story: Setting): Promise<Place[]> {
  const integration = await story.integration(HOSTILE)
  const webhook = await story.webhook(integration, { name: HOSTILE, eventTypes: ['*'], acceptTest: true, auth: { kind: 'headers', headers: { [HOSTILE_HEADER]: 'a-key' } } })
  const preset = await story.integration(HOSTILE, { kind: 'surveymonkey', preset: { clientId: HOSTILE, secret: 'a-secret-of-the-vendor' } })
  const failed = await deadLetters(story)
  await story.webhook(integration, { name: 'Patient portal of the Riverside and Hillside clinics', eventTypes: ['lab.*', 'appointment.*', 'encounter.*'], profile: 'full', justification: HOSTILE, objectIds: [HOSTILE] })
  await surroundings(story, integration)
  const event = await story.send(integration, 'lab.result.critical', { data: { note: HOSTILE } })
  const delivery = await delivered(story, webhook.id)
  await story.server.call('POST', `/admin/events/${event}/reveal`, { reason: HOSTILE })
  const begun = await beginnings(story, integration, webhook.id)
  return [...work(event, delivery), ...begun, ...connected({ integration, preset, webhook: webhook.id, ...failed }), ...(await clinical(story)), ...around()]
}

/** The first steps, each as far as one is with it, and the steps of a new webhook. */
async function beginnings(story: Setting, integration: string, webhook: string): Promise<Place[]> {
  const pack = (await story.list<{ name: string }>('/admin/packs'))[0]!.name
  const steps: Record<string, string>[] = [{ integration }, { integration, pack }, { integration, pack, webhook }]
  const form = (index: number) => (page: Page) => page.locator('.steps button').nth(index).click()
  return [
    ...steps.map((chosen, index): Place => [`start-${index + 2}`, `/start?${new URLSearchParams(chosen)}`]),
    ...[1, 2, 3, 4].map((index): Place => [`webhook-new-${index + 1}`, `/integrations/${integration}/webhooks/new`, form(index)]),
  ]
}

/** A receiver that fails until what it is owed is given up. */
async function deadLetters(story: Setting): Promise<{ failing: string; answered: string }> {
  const integration = await story.integration('Laboratory', { kind: 'events' })
  Object.assign(story.receiver, { status: 500, body: HOSTILE, headers: { 'x-why': HOSTILE, [HOSTILE_HEADER]: 'known' } })
  const { id } = await story.webhook(integration, { name: HOSTILE, retry: { schedule: ['1s'], horizon: '2s' } })
  for (let n = 0; n < 3; n += 1) await story.send(integration, 'lab.result.available', { subject: { id: `MRN-${n}` } })
  await until('three deliveries are given up', async () => (await story.list('/admin/deliveries?state=dead_lettered')).length === 3)
  Object.assign(story.receiver, { status: 200, body: '', headers: {} })
  await story.server.call('POST', '/admin/redrives', { filter: { webhookId: id, error: 'dns' } }, 202)
  const [dead] = await story.list<{ id: string }>(`/admin/deliveries?webhookId=${id}`)
  return { failing: id, answered: dead!.id }
}

/** Keys, own types, rules, and requests that were refused. */
async function surroundings(story: Setting, integration: string): Promise<void> {
  const schema = { type: 'object', properties: { [HOSTILE]: { type: 'string', description: HOSTILE } } }
  await story.server.call('POST', '/admin/event-types', { type: 'own.hostile', objectType: 'other', title: HOSTILE, description: HOSTILE, lane: 'routine', sample: { [HOSTILE]: HOSTILE }, schema }, 201)
  await story.server.call('POST', '/admin/alert-rules', { name: HOSTILE, on: 'latency', threshold: 800, window: '5m', severity: 'warning' }, 201)
  await story.server.call('POST', '/admin/keys', { name: HOSTILE, role: 'viewer' }, 201)
  const refused = await fetch(`${story.server.url}/ingest/${integration}/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${story.server.key}`, 'content-type': `application/json; of=${HOSTILE}` },
    body: JSON.stringify({ type: HOSTILE, data: {} }),
  })
  if (refused.status !== 422) throw new Error(`a type that is not known: ${refused.status}`)
}

/** What a laboratory and a record system send: codes nobody knows, a trigger that fires, a client that subscribes. */
async function clinical(story: Setting): Promise<Place[]> {
  const laboratory = await story.integration('Laboratory North', { kind: 'hl7v2', fields: { drop: ['NK1'], accept: [] } })
  await story.server.call('PUT', `/admin/integration/${laboratory}/mapping`, { codes: [{ from: HOSTILE, system: HOSTILE, to: '2823-3', display: HOSTILE }], units: [], flags: [], locations: [], thresholds: [] })
  await sendMessage(story, laboratory, LOCAL_RESULT)
  const records = await story.integration('Record system', { kind: 'fhir' })
  const trigger = await story.server.call<{ id: string }>('POST', '/admin/triggers', { ...LOW_SATURATION, name: HOSTILE }, 201)
  const quoted = HOSTILE.replaceAll("'", "\\'")
  await story.server.call('POST', '/admin/triggers', { name: 'By an expression', resourceType: 'Observation', eventType: 'vital.threshold_crossed', fhirPath: `code.text = '${quoted}'`, interactions: ['create'] }, 201)
  await story.webhook(records, { name: HOSTILE, eventTypes: ['vital.*'], filter: "lane = 'critical'" })
  await sendResource(story, records, saturation(84, { note: [{ text: HOSTILE }] }))
  await subscribe(story, records, 'active', HOSTILE)
  const [vital] = await story.list<{ id: string }>(`/admin/events?integrationId=${records}&eventType=vital.recorded`)
  return [
    ['event-explained', `/events/${vital?.id}`],
    ['triggers', '/triggers'],
    ['trigger-new', '/triggers/new'],
    ['trigger', `/triggers/${trigger.id}`],
    ['codes', `/integrations/${laboratory}?tab=mapping`],
    ['integration-paths', `/integrations/${laboratory}?tab=settings`],
    ['facade', `/integrations/${records}?tab=facade`],
    ['integration-fhir', '/integrations/new?kind=fhir'],
    ['integration-polled', `/integrations/${records}?tab=settings`],
  ]
}

async function delivered(story: Setting, webhook: string): Promise<string> {
  let id = ''
  await until('the event is delivered', async () => {
    id = (await story.list<{ id: string }>(`/admin/deliveries?webhookId=${webhook}&state=delivered`))[0]?.id ?? ''
    return id !== ''
  })
  return id
}

const work = (event: string, delivery: string): Place[] => [
  ['now', '/'],
  ['start', '/start'],
  ['events', '/events'],
  ['event', `/events/${event}`],
  ['event-revealed', `/events/${event}`, revealEvent],
  ['palette', '/events', findHostile],
  ['deliveries', '/deliveries'],
  ['delivery', `/deliveries/${delivery}`],
  ['delivery-request', `/deliveries/${delivery}?tab=request`],
  ['delivery-signature', `/deliveries/${delivery}?tab=signature`],
  ['dead-letters', '/dead-letters'],
  ['live', '/live'],
]

const connected = ({ integration, preset, webhook, failing, answered }: { integration: string; preset: string; webhook: string; failing: string; answered: string }): Place[] => [
  ['integrations', '/integrations'],
  ['integration-new', '/integrations/new'],
  ['integration-surveymonkey', '/integrations/new?kind=surveymonkey'],
  ['integration-hl7v2', '/integrations/new?kind=hl7v2'],
  ['integration', `/integrations/${integration}`],
  ['integration-connect', `/integrations/${integration}?tab=connect`],
  ['integration-refused', `/integrations/${integration}?tab=refused`],
  ['integration-settings', `/integrations/${integration}?tab=settings`],
  ['integration-preset', `/integrations/${preset}?tab=connect`],
  ['webhooks', `/integrations/${integration}/webhooks`],
  ['webhook-new', `/integrations/${integration}/webhooks/new`],
  ['webhook', `/integrations/${integration}/webhooks/${webhook}`],
  ['webhook-logs', `/integrations/${integration}/webhooks/${webhook}?tab=logs`],
  ['webhook-edit', `/integrations/${integration}/webhooks/${webhook}?tab=edit`],
  ['webhook-objects', `/integrations/${integration}/webhooks/${webhook}?tab=edit`, (page) => page.locator('.steps button').nth(2).click()],
  ['deliveries-dead', `/deliveries?state=dead_lettered&webhook=${failing}`],
  ['delivery-answer', `/deliveries/${answered}`, revealAnswer],
  ['sources', '/sources'],
  ['rejections', '/sources?tab=rejections'],
  ['rejection', '/sources?tab=rejections&door=events', openRejection],
  ['catalogue', '/catalogue'],
  ['catalogue-new', '/catalogue/new'],
  ['event-type', '/catalogue/own.hostile'],
  ['event-type-lab', '/catalogue/lab.result.critical'],
]

const around = (): Place[] => [
  ['monitoring', '/monitoring'],
  ['monitoring-lanes', '/monitoring?tab=lanes'],
  ['alerts', '/monitoring/alerts'],
  ['alert-rules', '/monitoring/alerts?tab=rules'],
  ['settings', '/settings'],
  ['keys', '/settings/keys'],
  ['sign-in-link', '/settings/sign-in'],
  ['egress', '/settings/egress'],
  ['retention', '/settings/retention'],
  ['audit', '/settings/audit'],
  ['health', '/settings/health'],
  ['appearance', '/settings/appearance'],
  ['not-found', '/nowhere'],
  ['error-page', '/docs/errors/http_5xx'],
]

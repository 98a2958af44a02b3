import { expect, test } from 'vitest'

import { barriers } from '../harness/browser'
import { LOCAL_RESULT, sendMessage, sendResource, saturation } from '../harness/clinical'
import { DESK, IN_GERMAN, ON_PHONE, PHONE, THEMES, looked } from '../harness/looks'
import { setting } from '../harness/setting'

const story = setting()

/** The only event of a type that an integration raised. */
async function raised(integration: string, type: string): Promise<string> {
  const [found] = await story.list<{ id: string }>(`/admin/events?integrationId=${integration}&eventType=${type}`)
  return found!.id
}

/** A laboratory whose code, unit and segment are local, and which refuses next of kin. */
async function laboratory(): Promise<{ integration: string; event: string }> {
  const integration = await story.integration('Laboratory North', { kind: 'hl7v2', fields: { drop: ['NK1'], accept: [] } })
  await story.server.call('PUT', `/admin/integration/${integration}/mapping`, { codes: [{ from: 'K', system: 'L', to: '2823-3' }] })
  await sendMessage(story, integration, LOCAL_RESULT)
  return { integration, event: await raised(integration, 'lab.result.critical') }
}

test('why a field is not in an event is found by its place, by keyboard, and its value only with a reason', async () => {
  const { integration, event } = await laboratory()
  const { page, complaints } = await story.signedIn()
  await page.goto(`/events/${event}`)
  await page.getByText('Field by field').waitFor()
  await page.keyboard.press('m')
  const row = (text: string) => page.getByRole('row').filter({ hasText: text })
  await row('Observation.code.coding[0]').filter({ hasText: 'your table codes' }).waitFor()
  const find = page.getByLabel('Find a place or an element')
  await find.fill('zpd')
  await page.getByText('Nothing here; the whole message has 1.').waitFor()
  await page.getByRole('tab', { name: /Went nowhere/ }).click()
  await row('ZPD').getByText('no rule for this segment in such a message').waitFor()
  await find.fill('NK1')
  await row('NK1').getByText('refused').first().waitFor()
  await find.fill('PID-40')
  await page.getByText('The message says nothing there').waitFor()
  await find.fill('')
  await page.getByRole('tab', { name: /Whole message/ }).click()
  await row('Patient.name[0].family').waitFor()
  expect(await page.locator('table').first().innerText()).not.toContain('Doe')
  expect(await barriers(page)).toEqual([])

  await page.getByRole('button', { name: 'Reveal values' }).click()
  await page.getByLabel('Why do you need to see it?').fill('A name that is missing at the portal')
  await page.getByRole('dialog').getByRole('button', { name: 'Reveal' }).click()
  await row('Patient.name[0].family').getByRole('cell', { name: 'Doe', exact: true }).first().waitFor()
  const [entry] = await story.list<{ target: string; action: string }>('/admin/audit?action=reveal')
  expect(entry).toMatchObject({ target: event, action: 'reveal' })
  await page.getByRole('button', { name: 'Hide values' }).click()
  expect(await page.locator('table').first().innerText()).not.toContain('Doe')

  await story.server.call('PUT', `/admin/integration/${integration}/mapping`, { codes: [], units: [{ from: 'mmoll', to: 'mmol/L' }] })
  await page.reload()
  await page.getByText('Field by field').waitFor()
  await page.keyboard.press('m')
  await page.getByText('The tables or settings were changed since').waitFor()
  await page.getByText('What stands here is what those of then made of the message').waitFor()
  await row('Observation.valueQuantity').first().waitFor()
  expect(await page.getByText('the event says otherwise').count()).toBe(0)
  expect(complaints).toEqual([])
})

test('what comes as FHIR says that nothing was mapped', async () => {
  const integration = await story.integration('Record system', { kind: 'fhir' })
  await sendResource(story, integration, saturation(84))
  const { page } = await story.signedIn()
  await page.goto(`/events/${await raised(integration, 'vital.recorded')}`)
  await page.getByText('Field by field').click()
  await page.getByText('Taken as it came').waitFor()
})

test.each([
  ['a desk', DESK, THEMES],
  ['a phone', PHONE, ON_PHONE],
  ['a desk in German', { ...DESK, locale: 'de-DE' }, IN_GERMAN],
] as const)('the places of a message are read at %s', async (_, options, looks) => {
  const { event } = await laboratory()
  const { page, complaints } = await story.signedIn(options)
  await page.goto(`/events/${event}`)
  const opened = page.locator('summary')
  await opened.click()
  await page.getByRole('row').filter({ hasText: 'Observation.valueQuantity' }).first().waitFor()
  const found = await looked(page, 'event-fields', looks)
  await page.getByRole('tab').nth(1).click()
  await page.getByRole('row').filter({ hasText: 'ZPD' }).waitFor()
  found.push(...(await looked(page, 'event-fields-left', looks)))
  await page.getByRole('tab').nth(2).click()
  await page.locator('.tools button').click()
  await page.locator('#ask-reason textarea').fill('to look at it')
  await page.locator('button[form="ask-reason"]').click()
  await page.getByRole('row').filter({ hasText: 'mmoll' }).first().waitFor()
  found.push(...(await looked(page, 'event-fields-values', looks)))
  expect([...found, ...complaints]).toEqual([])
})

import { expect, test } from 'vitest'

import { barriers } from '../harness/browser'
import { LOW_SATURATION, saturation, sendResource } from '../harness/clinical'
import { setting } from '../harness/setting'
import { until } from '../harness/until'

const story = setting()

test('a trigger is written, tried on a resource and on what is stored, saved, fires, and says why', async () => {
  const integration = await story.integration('Monitors', { kind: 'fhir' })
  await sendResource(story, integration, saturation(84, { id: 'stored' }))
  const { page, complaints } = await story.signedIn()
  await page.goto('/triggers')
  await page.getByRole('link', { name: 'Make a trigger' }).first().click()
  await page.getByLabel('Name').fill('Saturation below 90')
  await page.getByLabel('Raises').fill('vital.threshold')
  await page.getByRole('option', { name: /vital\.threshold_crossed/ }).click()
  await page.getByLabel('Code').fill('http://loinc.org|59408-5')
  await page.getByLabel('Bound').fill('90')
  await page.getByLabel('Unit').fill('%')

  await page.getByLabel('Resource', { exact: true }).fill(JSON.stringify(saturation(95)))
  await page.getByRole('button', { name: 'Try', exact: true }).click()
  await page.getByText('Does not hold', { exact: true }).waitFor()
  await page.getByLabel('Resource', { exact: true }).fill(JSON.stringify(saturation(84)))
  await page.getByLabel('Over what is stored').selectOption('1')
  await page.getByRole('button', { name: 'Try', exact: true }).click()
  await page.getByText('It would have fired for').waitFor()
  expect(await barriers(page)).toEqual([])
  expect(await story.list('/admin/triggers')).toEqual([])

  await page.getByRole('button', { name: 'Make a trigger' }).click()
  await page.waitForURL(/\/triggers\/trg_/)
  await page.getByText('Nothing concerned it').waitFor()
  await sendResource(story, integration, saturation(83, { id: 'new' }))
  const raised = () => story.list<{ causedBy: string }>('/admin/events?eventType=vital.threshold_crossed')
  await until('it fired', async () => (await raised()).length === 1)
  const [{ causedBy } = { causedBy: '' }] = await raised()
  await page.reload()
  await page.getByRole('link', { name: causedBy }).click()
  const decided = page.getByRole('listitem').filter({ has: page.getByRole('link', { name: 'Saturation below 90' }) })
  await decided.getByText('Fired').waitFor()
  await decided.getByText('holds', { exact: true }).first().waitFor()
  expect(await barriers(page)).toEqual([])
  expect(complaints).toEqual([])
})

test('an expression that can never hold is refused at its field with the place, and nothing is saved', async () => {
  const before = (await story.list('/admin/triggers')).length
  const { page, complaints } = await story.signedIn()
  await page.goto('/triggers/new')
  await page.getByLabel('Name').fill('Never')
  await page.getByLabel('Raises').fill('vital.threshold')
  await page.getByRole('option', { name: /vital\.threshold_crossed/ }).click()
  await page.getByLabel('Said as').selectOption('fhirPath')
  const expression = page.getByRole('textbox', { name: 'Expression' })
  await expression.fill("value > 6.0 'mmol/Q'")
  await page.getByRole('button', { name: 'Make a trigger' }).click()
  await page.getByRole('alert').getByText(/column 9/).first().waitFor()
  expect(await expression.getAttribute('aria-invalid')).toBe('true')
  expect(await barriers(page)).toEqual([])
  expect((await story.list('/admin/triggers')).length).toBe(before)
  expect(complaints).toEqual([])
})

test('a viewer reads a trigger and can change and try nothing', async () => {
  const { id } = await story.server.call<{ id: string }>('POST', '/admin/triggers', LOW_SATURATION, 201)
  const { key } = await story.server.call<{ key: string }>('POST', '/admin/keys', { name: 'Looks on', role: 'viewer' }, 201)
  const { page } = await story.signedIn({}, key)
  await page.goto(`/triggers/${id}`)
  await page.getByRole('heading', { name: 'Saturation below 90', level: 1 }).waitFor()
  await until('it says what it raises', async () => (await page.getByLabel('Raises').inputValue()) === 'vital.threshold_crossed')
  expect(await page.getByLabel('Name').isDisabled()).toBe(true)
  expect(await page.getByRole('button', { name: /Save|Delete|Try/ }).count()).toBe(0)
})

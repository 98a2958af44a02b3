import { expect, test } from 'vitest'

import { barriers } from '../harness/browser'
import { LOW_SATURATION, saturation, sendResource } from '../harness/clinical'
import { ON_PHONE, PHONE, THEMES, looked } from '../harness/looks'
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

test('a trigger over events is written, tried on an event, saved with a hint, fires, and says why', async () => {
  const integration = await story.integration('Surveys', { kind: 'events' })
  const { page, complaints } = await story.signedIn()
  await page.goto('/triggers/new')
  await page.getByLabel('Name').fill('Low score')
  await page.getByLabel('Raises').fill('survey.response.unf')
  await page.getByRole('option', { name: /survey\.response\.unfavourable/ }).click()
  await page.getByLabel('Looks at', { exact: true }).selectOption('events')
  await page.getByLabel('Of the types').fill('survey.response.completed')
  await page.getByRole('textbox', { name: 'Expression' }).fill('data.score <= 6')
  await page.getByLabel('Event', { exact: true }).fill('{ "data": { "responseRef": "R-0", "score": 9 } }')
  await page.getByRole('button', { name: 'Try', exact: true }).click()
  await page.getByText('Does not hold', { exact: true }).waitFor()
  await page.getByText(/has no member score/).waitFor()
  expect(await barriers(page)).toEqual([])

  await page.getByRole('button', { name: 'Make a trigger' }).click()
  await page.waitForURL(/\/triggers\/trg_/)
  await page.getByText('The type does not speak of this').first().waitFor()
  expect(await looked(page, 'trigger-over-events', THEMES)).toEqual([])
  const phone = await story.signedIn(PHONE)
  await phone.page.goto(page.url())
  await phone.page.getByText('The type does not speak of this').first().waitFor()
  expect(await looked(phone.page, 'trigger-over-events', ON_PHONE)).toEqual([])
  const event = { type: 'survey.response.completed', subject: { id: 'P-1' }, data: { responseRef: 'R-1', score: 2 } }
  const { id } = await story.server.call<{ id: string }>('POST', `/ingest/${integration}/events`, event, 202)
  const raised = () => story.list<{ causedBy: string }>('/admin/events?eventType=survey.response.unfavourable')
  await until('it fired', async () => (await raised()).length === 1)
  expect((await raised())[0]?.causedBy).toBe(id)
  await page.reload()
  await page.getByRole('link', { name: id }).click()
  const decided = page.getByRole('listitem').filter({ has: page.getByRole('link', { name: 'Low score' }) })
  await decided.getByText('Fired').waitFor()
  await decided.getByText('data.score <= 6').waitFor()
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

test('what somebody else made of a trigger meanwhile is not overwritten', async () => {
  const made = await story.server.call<{ id: string; name: string }>('POST', '/admin/triggers', LOW_SATURATION, 201)
  const name = async () => (await story.server.call<{ name: string }>('GET', `/admin/triggers/${made.id}`)).name
  const { page } = await story.signedIn()
  await page.goto(`/triggers/${made.id}`)
  await until('it is read', async () => (await page.getByLabel('Name').inputValue()) === made.name)
  await page.getByLabel('Name').fill('Mine')
  await story.server.call('PUT', `/admin/triggers/${made.id}`, { ...LOW_SATURATION, name: 'Theirs' })
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Read it again and repeat the change').waitFor()
  expect(await page.getByLabel('Name').inputValue()).toBe('Mine')
  expect(await name()).toBe('Theirs')
})

test('choices that come late take neither the focus nor a letter from whoever types', async () => {
  const { page } = await story.signedIn()
  let come = () => {}
  const held = new Promise<void>((resolve) => (come = resolve))
  await page.route('**/admin/event-types?**', async (route) => {
    await held
    await route.continue()
  })
  await page.goto('/triggers/new')
  const raises = page.getByLabel('Raises')
  await raises.focus()
  const choices = page.waitForResponse(/\/admin\/integration\?/)
  come()
  await choices
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))
  await page.keyboard.type('vital.threshold')
  await page.getByRole('option', { name: /vital\.threshold_crossed/ }).waitFor()
  expect(await raises.inputValue()).toBe('vital.threshold')
})

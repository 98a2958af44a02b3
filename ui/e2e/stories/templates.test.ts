import { expect, test } from 'vitest'

import { barriers } from '../harness/browser'
import { setting } from '../harness/setting'
import { until } from '../harness/until'

const story = setting()

test('a body in the receiver’s own shape is written, seen before it is saved, and arrives so', async () => {
  const integration = await story.integration('Laboratory')
  const { id } = await story.webhook(integration, { name: 'Chat', eventTypes: ['lab.result.available'] })
  const { page, complaints } = await story.signedIn()
  await page.goto(`/integrations/${integration}/webhooks/${id}?tab=edit`)
  await page.getByRole('button', { name: /Delivery/ }).click()
  const template = page.getByLabel('The receiver’s own shape')
  await template.fill('{ "text":')
  await page.getByText(/This is not JSON/).waitFor()
  expect(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled()).toBe(true)
  await template.fill('{ "text": { "$path": "typ" } }')
  await page.getByRole('alert').getByText(/typ/).waitFor()
  expect(await template.getAttribute('aria-invalid')).toBe('true')
  await template.fill('{ "channel": "ward", "text": { "$path": "type" } }')
  await page.getByRole('complementary', { name: 'The request' }).getByText(/"ward"/).waitFor()
  expect(await barriers(page)).toEqual([])
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Chat is saved').waitFor()
  await story.send(integration, 'lab.result.available')
  await until('it arrived', async () => story.receiver.hits.length === 1)
  expect(JSON.parse(story.receiver.hits[0]?.body ?? '')).toEqual({ channel: 'ward', text: 'lab.result.available' })
  expect(complaints).toEqual([])
})

test('the life of an event says of whom a template shapes what they are told', async () => {
  const integration = await story.integration('Laboratory South')
  await story.webhook(integration, { name: 'Ward chat', eventTypes: ['lab.result.available'], template: { text: { $path: 'type' } } })
  await story.webhook(integration, { name: 'Plain portal', eventTypes: ['lab.result.available'] })
  const event = await story.send(integration, 'lab.result.available')
  const { page, complaints } = await story.signedIn()
  await page.goto(`/events/${event}`)
  const told = (name: string) => page.locator('section').filter({ has: page.getByRole('heading', { name, exact: true }) }).last()
  await told('Ward chat').getByText('A template of its own shapes the body').waitFor()
  await told('Plain portal').getByText('Purpose of use').waitFor()
  expect(await told('Plain portal').getByText('A template of its own shapes the body').count()).toBe(0)
  expect(await barriers(page)).toEqual([])
  expect(complaints).toEqual([])
})

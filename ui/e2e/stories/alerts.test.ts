import { expect, test } from 'vitest'

import { barriers } from '../harness/browser'
import { setting } from '../harness/setting'
import { until } from '../harness/until'

const story = setting()

test('a rule is tried on history while it is written, opens an alert, tells a webhook, and the alert is acknowledged', async () => {
  const integration = await story.integration('Laboratory')
  await story.webhook(integration, { name: 'Portal', eventTypes: ['lab.result.critical'], url: `${story.receiver.url}/portal`, retry: { schedule: ['1s'], horizon: '2s' } })
  await story.webhook(integration, { name: 'On call', eventTypes: ['alert.*'], url: `${story.receiver.url}/on-call` })
  const { page, complaints } = await story.signedIn()

  await page.goto('/monitoring/alerts?tab=rules')
  await page.getByRole('button', { name: 'Add rule' }).click()
  const drawer = page.getByRole('dialog', { name: 'Add rule' })
  await drawer.getByLabel('Name').fill('The portal misses something')
  await drawer.getByLabel('Watches').selectOption('dead_letters')
  await drawer.getByLabel('More than').fill('nonsense')
  await drawer.getByText('No preview of this rule').waitFor()
  await drawer.getByLabel('More than').fill('0')
  await drawer.getByText('Would not have fired').waitFor()
  await drawer.getByLabel('Webhook').last().fill('On call')
  await page.getByRole('option', { name: 'On call' }).click()
  expect(await barriers(page)).toEqual([])
  await drawer.getByRole('button', { name: 'Add rule' }).click()
  await page.getByRole('row', { name: /The portal misses something/ }).waitFor()
  const [rule] = await story.list<{ name: string; threshold: number }>('/admin/alert-rules')
  expect(rule).toMatchObject({ name: 'The portal misses something', threshold: 0 })

  await page.getByRole('tab', { name: 'Open' }).click()
  await page.getByText('No alert is open').waitFor()
  story.receiver.status = 500
  await story.send(integration, 'lab.result.critical')
  const alert = page.getByRole('row', { name: /The portal misses something/ })
  await alert.getByRole('link', { name: 'Portal' }).waitFor()
  story.receiver.status = 200
  await alert.getByText('webhook: sent').waitFor()
  await until('the webhook was told', async () => story.receiver.hits.some((hit) => hit.path.endsWith('/on-call')))
  await alert.getByRole('button', { name: 'Acknowledge' }).click()
  await alert.getByText('Acknowledged').waitFor()
  expect(await barriers(page)).toEqual([])
  expect(complaints).toEqual([])
})

test('a rule that cannot be saved says why at the field, and one that is off stays and watches nothing', async () => {
  const { page } = await story.signedIn()
  await page.goto('/monitoring/alerts?tab=rules')
  await page.getByRole('button', { name: 'Add rule' }).click()
  const drawer = page.getByRole('dialog', { name: 'Add rule' })
  await drawer.getByLabel('Name').fill('Too slow')
  await drawer.getByLabel('E-mail').fill('nobody')
  await drawer.getByRole('button', { name: 'Add rule' }).click()
  await drawer.getByRole('alert').first().waitFor()
  await drawer.getByLabel('E-mail').fill('')
  await drawer.getByRole('switch', { name: 'Active' }).click()
  await drawer.getByRole('button', { name: 'Add rule' }).click()
  await page.getByRole('row', { name: /Too slow/ }).getByText('off').waitFor()
})

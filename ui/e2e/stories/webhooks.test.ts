import { expect, test } from 'vitest'

import { setting } from '../harness/setting'
import { until } from '../harness/until'

const story = setting()

test('Admin, Integrations, Manage Webhooks: a webhook is made, tested, and its secret shown once', async () => {
  await story.integration('SurveyMonkey')
  const { page, complaints } = await story.signedIn()
  await page.getByRole('link', { name: 'Integrations' }).first().click()
  await page.getByRole('link', { name: 'SurveyMonkey' }).first().click()
  await page.getByRole('link', { name: 'Manage Webhooks' }).first().click()
  await page.getByRole('link', { name: 'Add webhook' }).first().click()

  await page.getByLabel('Name', { exact: true }).fill('Portal')
  const typed = ` ${story.receiver.url}\t`
  await page.getByLabel('URL', { exact: true }).fill(typed)
  await page.getByText('Saved like this').waitFor()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByLabel('Find an event type').fill('lab.result.critical')
  await page.getByRole('checkbox', { name: /lab\.result\.critical/ }).click()
  await page.getByRole('complementary', { name: 'The request' }).getByText('webhook-signature').waitFor()
  await page.getByRole('button', { name: 'Test', exact: true }).click()
  await page.getByText('The receiver answered 200').waitFor()
  expect(story.receiver.hits.length).toBe(1)

  await page.getByRole('button', { name: 'Create webhook' }).click()
  const dialog = page.getByRole('dialog', { name: 'Signing secret' })
  await dialog.getByText(/whsec_/).waitFor()
  await dialog.getByRole('checkbox').click()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await page.waitForURL(/\/webhooks\/whk_/)
  expect(await page.content()).not.toContain('whsec_')
  expect(complaints).toEqual([])
})

test('the state of a webhook turns before one’s eyes when its receiver fails', async () => {
  const integration = await story.integration('Laboratory')
  const webhook = await story.webhook(integration, { eventTypes: ['lab.result.critical'], retry: { schedule: ['1s'], horizon: '10m' } })
  const { page } = await story.signedIn()
  await page.goto(`/integrations/${integration}/webhooks`)
  await page.getByRole('row', { name: /Portal/ }).getByText('Active').waitFor()
  story.receiver.status = 500
  for (let n = 0; n < 12; n += 1) await story.send(integration, 'lab.result.critical', { subject: { id: `MRN-${n}` } })
  await page.getByRole('row', { name: /Portal/ }).getByText('Receiver failing').waitFor()
  const status = () => story.server.call<{ failed24h: number }>('GET', `/admin/integration/${integration}/webhooks/${webhook.id}/status`)
  await page.getByRole('link', { name: 'Portal' }).click()
  await until('the page and the API tell the same number', async () => {
    const told = await page.locator('dt', { hasText: 'Failed 24 h' }).locator('xpath=following-sibling::dd[1]').innerText()
    return Number(told) === (await status()).failed24h && Number(told) > 0
  })
  story.receiver.status = 200
})

test('a refused URL says what to do, at the field', async () => {
  const integration = await story.integration('Refused')
  const { page } = await story.signedIn()
  await page.goto(`/integrations/${integration}/webhooks/new`)
  await page.getByLabel('URL', { exact: true }).fill('portal.example/hooks')
  await page.getByText('Write the whole address').waitFor()
})

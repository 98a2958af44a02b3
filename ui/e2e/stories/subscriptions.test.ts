import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'

import { barriers } from '../harness/browser'
import { potassium, sendResource, subscribe } from '../harness/clinical'
import { setting } from '../harness/setting'
import { until } from '../harness/until'

const story = setting()

// The topic stands in the table of topics too.
const subscribed = (page: Page) => page.getByRole('table', { name: 'Subscriptions' }).getByRole('row', { name: /urn:carehook:topic:critical-lab/ })

test('a client’s Subscription is seen with its number, sent again from one, and ended', async () => {
  const integration = await story.integration('Record system', { kind: 'fhir' })
  await subscribe(story, integration, 'active')
  const handshakes = story.receiver.hits.length
  const { page, complaints } = await story.signedIn()
  await page.goto(`/integrations/${integration}?tab=facade`)
  const row = subscribed(page)
  await row.getByText('Active').waitFor()
  await sendResource(story, integration, potassium('result-1'))
  await until('it was told', async () => story.receiver.hits.length === handshakes + 1)
  await row.getByRole('cell', { name: '1', exact: true }).waitFor()
  await row.click()
  const drawer = page.getByRole('dialog', { name: 'FHIR Subscription' })
  await drawer.getByText('Show critical results').waitFor()
  expect(await barriers(page)).toEqual([])
  await drawer.getByRole('button', { name: 'Send again' }).click()
  await until('it was told again', async () => story.receiver.hits.length === handshakes + 2)
  await drawer.getByRole('button', { name: 'End Subscription' }).click()
  await page.getByRole('dialog', { name: 'End this Subscription?' }).getByRole('button', { name: 'End Subscription' }).click()
  await page.getByText('Nobody has subscribed').waitFor()
  expect((await story.server.call<{ total: number }>('GET', `/fhir/${integration}/Subscription`)).total).toBe(0)
  expect(complaints).toEqual([])
})

test('a Subscription is opened, sent again and left with the keyboard alone', async () => {
  const integration = await story.integration('Ward', { kind: 'fhir' })
  await subscribe(story, integration, 'active')
  const handshakes = story.receiver.hits.length
  await sendResource(story, integration, potassium('by-keyboard'))
  await until('it was told', async () => story.receiver.hits.length === handshakes + 1)
  const { page, complaints } = await story.signedIn()
  await page.goto(`/integrations/${integration}?tab=facade`)
  const row = subscribed(page)
  await row.getByRole('cell', { name: '1', exact: true }).waitFor()
  await row.focus()
  await page.keyboard.press('Enter')
  const drawer = page.getByRole('dialog', { name: 'FHIR Subscription' })
  const since = drawer.getByLabel('Send again from number')
  await since.waitFor()
  for (let steps = 0; steps < 8 && !(await since.evaluate((input) => input === document.activeElement)); steps += 1) await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await until('it was told again', async () => story.receiver.hits.length === handshakes + 2)
  await page.keyboard.press('Escape')
  await drawer.waitFor({ state: 'detached' })
  await until('the focus is where it was', () => row.evaluate((line) => line === document.activeElement))
  expect(complaints).toEqual([])
})

test('a Subscription whose handshake is refused says what is wrong and who wakes it', async () => {
  const integration = await story.integration('Portal', { kind: 'fhir', fhirVersion: '4.0.1' })
  story.receiver.status = 400
  await subscribe(story, integration, 'error')
  story.receiver.status = 200
  const { page, complaints } = await story.signedIn()
  await page.goto(`/integrations/${integration}?tab=facade`)
  await subscribed(page).click()
  const drawer = page.getByRole('dialog', { name: 'FHIR Subscription' })
  await drawer.getByText(/the server does not wake it by itself/).waitFor()
  expect(await drawer.getByRole('button', { name: 'Send again' }).count()).toBe(0)
  expect(await barriers(page)).toEqual([])
  expect(complaints).toEqual([])
})

test('a key of a subscriber is made for one integration, with its scope, and a viewer may end nothing', async () => {
  const integration = await story.integration('Clinic', { kind: 'fhir' })
  await subscribe(story, integration, 'active')
  const { page, complaints } = await story.signedIn()
  await page.goto('/settings/keys')
  await page.getByRole('button', { name: 'Create API key' }).click()
  const form = page.getByRole('dialog', { name: 'Create API key' })
  await form.getByLabel('Name').fill('Portal')
  await form.getByRole('radio', { name: /Subscriber/ }).click()
  await form.getByLabel('Subscribes at').fill('Clinic')
  await page.getByRole('option', { name: /Clinic/ }).click()
  await form.getByRole('checkbox', { name: /whole resources/ }).click()
  expect(await barriers(page)).toEqual([])
  await form.getByRole('button', { name: 'Create API key' }).click()
  await form.getByRole('button', { name: 'It is stored' }).click()
  const row = page.getByRole('row', { name: /Portal/ })
  await row.getByText('subscription:full-resource').waitFor()
  await row.getByRole('link', { name: 'Clinic' }).waitFor()

  const { key } = await story.server.call<{ key: string }>('POST', '/admin/keys', { name: 'Looks on', role: 'viewer' }, 201)
  const other = await story.signedIn({}, key)
  await other.page.goto(`/integrations/${integration}?tab=facade`)
  await subscribed(other.page).click()
  const seen = other.page.getByRole('dialog', { name: 'FHIR Subscription' })
  await seen.getByText('Show critical results').waitFor()
  expect(await seen.getByRole('button', { name: /End|Send again/ }).count()).toBe(0)
  expect(complaints).toEqual([])
})

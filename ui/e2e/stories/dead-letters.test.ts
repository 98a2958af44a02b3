import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'

import { barriers } from '../harness/browser'
import { setting } from '../harness/setting'
import { until } from '../harness/until'

const story = setting()
const SOON = { retry: { schedule: ['1s'], horizon: '2s' } }

/** A webhook whose receiver failed until `count` deliveries were given up. */
async function givenUp(name: string, count: number): Promise<string> {
  const integration = await story.integration(name)
  const { id } = await story.webhook(integration, { name, eventTypes: ['lab.result.available'], ...SOON })
  story.receiver.status = 500
  for (let n = 0; n < count; n += 1) await story.send(integration, 'lab.result.available', { subject: { id: `MRN-${n}` } })
  await until(`${count} deliveries are given up`, async () => (await story.list(`/admin/deliveries?webhookId=${id}&state=dead_lettered`)).length === count)
  story.receiver.status = 200
  return id
}

const group = (page: Page, name: string) => page.getByRole('listitem').filter({ has: page.getByRole('link', { name, exact: true }) })

test('dead letters stand by cause, are planned, sent again as they were, and their redrive is followed to its end', async () => {
  const webhook = await givenUp('Ward', 3)
  const { page, complaints } = await story.signedIn()
  await page.goto('/dead-letters')
  const row = group(page, 'Ward')
  await row.getByText('Receiver answered 5xx').waitFor()
  const answer = await story.list<{ webhookId: string; count: number }>('/admin/dead-letters')
  expect(await row.locator('.count').innerText()).toBe(String(answer.find((one) => one.webhookId === webhook)?.count))

  await row.getByRole('button', { name: 'Redrive…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Redrive dead letters' })
  await dialog.getByText('3 deliveries are owed again').waitFor()
  expect(await barriers(page)).toEqual([])
  const before = story.receiver.hits.length
  await dialog.getByRole('button', { name: 'Redrive 3' }).click()
  await page.getByRole('row', { name: /Done/ }).getByText('3 / 3').waitFor()
  await until('each arrived once more', async () => story.receiver.hits.length === before + 3)
  const id = (at: number) => story.receiver.hits[at]?.headers['webhook-id']
  expect(new Set([0, 1, 2].map((n) => id(before + n))).size).toBe(3)
  expect(story.receiver.hits.slice(0, before).map((hit) => hit.headers['webhook-id'])).toContain(id(before))
  await row.waitFor({ state: 'detached' })
  expect(complaints).toEqual([])
})

test('all that healthy webhooks are owed is one redrive, with new ids where somebody asks for new deliveries', async () => {
  const [first, second] = [await givenUp('Clinic', 1), await givenUp('Practice', 2)]
  for (const id of [first, second]) await healthy(id)
  const known = (await story.list('/admin/redrives')).length
  const { page } = await story.signedIn()
  await page.goto('/dead-letters')
  await page.getByRole('button', { name: 'Redrive all to healthy webhooks' }).click()
  const dialog = page.getByRole('dialog', { name: 'Redrive dead letters' })
  await dialog.getByRole('radio', { name: /As new deliveries/ }).click()
  const before = story.receiver.hits.length
  await dialog.getByRole('button', { name: 'Redrive 3' }).click()
  await until('all three arrived', async () => story.receiver.hits.length === before + 3)
  expect((await story.list('/admin/redrives')).length).toBe(known + 1)
  const old = story.receiver.hits.slice(0, before).map((hit) => hit.headers['webhook-id'])
  for (const hit of story.receiver.hits.slice(before)) expect(old).not.toContain(hit.headers['webhook-id'])
})

test('nobody sends again what others have sent again meanwhile', async () => {
  const webhook = await givenUp('Pharmacy', 1)
  const { page } = await story.signedIn()
  await page.goto('/dead-letters')
  const row = group(page, 'Pharmacy')
  await row.waitFor()
  await story.server.call('POST', '/admin/redrives', { filter: { webhookId: webhook } }, 202)
  await until('it is delivered', async () => (await story.list(`/admin/deliveries?webhookId=${webhook}&state=delivered`)).length === 1)
  await row.waitFor({ state: 'detached' })
})

test('a redrive keeps the pace that was chosen, says how long it takes, and stops when somebody says so', async () => {
  const webhook = await givenUp('Imaging', 5)
  const { page } = await story.signedIn()
  await page.goto('/dead-letters')
  await group(page, 'Imaging').getByRole('button', { name: 'Redrive…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Redrive dead letters' })
  await dialog.getByLabel('How fast').selectOption('1')
  await dialog.getByText('Takes about').waitFor()
  await dialog.getByText('5.0 s').waitFor()
  await dialog.getByRole('button', { name: 'Redrive 5' }).click()
  await page.getByRole('row', { name: /Running/ }).getByRole('button', { name: 'Stop' }).click()
  await page.getByRole('row', { name: /Stopped/ }).first().waitFor()
  const left = await story.list(`/admin/deliveries?webhookId=${webhook}&state=dead_lettered`)
  expect(left.length).toBeGreaterThan(0)
})

test('a viewer sees dead letters and can send none', async () => {
  await givenUp('Radiology', 1)
  const { key } = await story.server.call<{ key: string }>('POST', '/admin/keys', { name: 'Looks on', role: 'viewer' }, 201)
  const { page } = await story.signedIn({}, key)
  await page.goto('/dead-letters')
  await group(page, 'Radiology').waitFor()
  expect(await page.getByRole('button', { name: /Redrive/ }).count()).toBe(0)
})

/** Lets a delivery through, after which a webhook counts as healthy. */
async function healthy(webhook: string): Promise<void> {
  const [lost] = await story.list<{ eventId: string }>(`/admin/deliveries?webhookId=${webhook}&state=dead_lettered`)
  const { integrationId } = await story.server.call<{ integrationId: string }>('GET', `/admin/events/${lost?.eventId}`)
  await story.send(integrationId, 'lab.result.available', { subject: { id: 'MRN-9' } })
  const isHealthy = async () => (await story.list<{ webhookId: string; healthy: boolean }>('/admin/dead-letters')).some((one) => one.webhookId === webhook && one.healthy)
  await until('the webhook takes deliveries', isHealthy)
}

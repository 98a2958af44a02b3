import { expect, test } from 'vitest'

import { settled } from '../harness/browser'
import { DESK, ON_PHONE, PHONE, THEMES, looked } from '../harness/looks'
import { setting } from '../harness/setting'
import { until } from '../harness/until'

/** A server as it is run for live data: it calls nobody of this machine, and asks receivers to show themselves. */
const story = setting({ dev: false })

const FULL = {
  name: 'Patient portal',
  // A name that is kept for examples: it leads to nobody.
  url: 'https://portal.example/hooks',
  eventTypes: ['lab.result.critical'],
  profile: 'full',
  justification: 'Shows results to patients',
  auth: { kind: 'bearer', token: 'a-token-of-the-portal' },
}

test('a receiver that has not shown itself is told with the reason, and is asked again by hand', async () => {
  const integration = await story.integration('Laboratory')
  const { id } = await story.webhook(integration, FULL)
  const path = `/integrations/${integration}/webhooks/${id}`
  const challenged = async () => (await story.server.call<{ challenge: { at: string; error: string } | null }>('GET', `/admin/integration/${integration}/webhooks/${id}/status`)).challenge
  await until('it was asked by itself', async () => (await challenged())?.error !== undefined)
  const visit = await story.signedIn(DESK)
  const { page, complaints } = visit
  await page.goto(path)
  await page.getByText('The receiver has to show that it is the one you mean').waitFor()
  await settled(visit)
  expect(await looked(page, 'webhook-pending', THEMES)).toEqual([])
  const before = await challenged()
  await page.getByRole('button', { name: 'Challenge now' }).click()
  await until('it was asked by hand', async () => (await challenged())?.at !== before?.at)
  await page.getByRole('link', { name: 'Manage Webhooks' }).click()
  await page.getByRole('row', { name: /Patient portal/ }).getByText('Pending').waitFor()

  const phone = await story.signedIn(PHONE)
  await phone.page.goto(path)
  await settled(phone)
  expect(await looked(phone.page, 'webhook-pending', ON_PHONE)).toEqual([])
  expect([...complaints, ...phone.complaints]).toEqual([])
})

test('a port that other machines reach without TLS is asked why, at the field and in the answer', async () => {
  for (const [options, looks] of [[DESK, THEMES], [PHONE, ON_PHONE]] as const) {
    const visit = await story.signedIn(options)
    const { page, complaints } = visit
    await page.goto('/integrations/new?kind=hl7v2')
    await page.getByLabel('Name', { exact: true }).fill('Laboratory')
    const why = page.getByLabel('Why it may do without TLS')
    expect(await why.count()).toBe(0)
    await page.getByLabel('Listen on').fill('10.0.0.7:2575')
    await why.waitFor()
    await page.getByRole('button', { name: 'Add integration' }).click()
    await why.and(page.locator('[aria-invalid="true"]')).waitFor()
    await settled(visit)
    expect(await looked(page, 'integration-port-in-clear', looks)).toEqual([])
    await page.getByRole('switch', { name: 'TLS' }).click()
    expect(await why.count()).toBe(0)
    expect(complaints.filter((said) => !said.includes('422'))).toEqual([])
  }
})

test('the first steps offer no receiver that could not be reached, and say where one can be tried', async () => {
  const integration = await story.integration('First')
  const [pack] = await story.list<{ name: string }>('/admin/packs')
  const visit = await story.signedIn(DESK)
  const { page, complaints } = visit
  await page.goto(`/start?${new URLSearchParams({ integration, pack: pack!.name })}`)
  await page.getByText('carehook demo', { exact: true }).waitFor()
  await settled(visit)
  expect(await page.getByText(/carehook listen --/).or(page.getByRole('button', { name: 'Use the test receiver' })).count()).toBe(0)
  expect(await looked(page, 'start-live-data', THEMES)).toEqual([])
  await page.getByLabel('An address of yours').fill('http://127.0.0.1:9/hooks')
  await page.getByRole('button', { name: 'Add webhook' }).click()
  await page.getByRole('alert').first().waitFor()
  expect(complaints).toEqual([])
})

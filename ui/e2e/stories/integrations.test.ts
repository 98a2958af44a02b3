import { expect, test } from 'vitest'

import { barriers } from '../harness/browser'
import { DESK, PHONE, THEMES, ON_PHONE, looked } from '../harness/looks'
import { setting } from '../harness/setting'

const story = setting()

test('a third party is found in the gallery, connected by its preset, and says what nobody can subscribe to', async () => {
  const { page, complaints } = await story.signedIn()
  await page.goto('/integrations')
  await page.getByRole('link', { name: 'Add integration' }).first().click()
  await page.getByLabel('Find a system or a kind').fill('surveymonkey')
  await page.getByRole('link', { name: 'SurveyMonkey' }).click()
  await page.getByText('contacts have to be fetched').waitFor()

  await page.getByRole('button', { name: 'Add integration' }).click()
  await page.getByRole('alert').getByText(/required|missing|Client ID|clientId/i).first().waitFor()
  await page.getByLabel('Client ID').fill('client-1')
  await page.getByLabel('API secret').fill('a-secret-of-the-vendor')
  await page.getByLabel('Silent after').fill('2 weeks')
  await page.getByRole('button', { name: 'Add integration' }).click()
  await page.locator('[aria-invalid="true"]').waitFor()
  expect(await page.getByLabel('Silent after').getAttribute('aria-invalid')).toBe('true')
  await page.getByLabel('Silent after').fill('2h')
  expect(await barriers(page)).toEqual([])
  await page.getByRole('button', { name: 'Add integration' }).click()
  await page.getByText('Enter at SurveyMonkey').waitFor()
  await page.getByText(/\/ingest\/int_\w+\/hook/).waitFor()
  expect(await page.content()).not.toContain('a-secret-of-the-vendor')
  const [made] = await story.list<{ id: string; silentAfter: string }>('/admin/integration')
  expect(made?.silentAfter).toBe('2h')

  await page.getByRole('link', { name: 'Manage Webhooks' }).first().click()
  await page.getByRole('link', { name: 'Add webhook' }).first().click()
  await page.getByRole('button', { name: /Objects/ }).click()
  await page.getByText('The vendor tells of contact by no webhook').waitFor()
  expect(await page.getByRole('checkbox', { name: 'contact' }).isDisabled()).toBe(true)
  const refused = await story.server.call<{ code: string; fix: string }>(
    'POST',
    `/admin/integration/${made?.id}/webhooks`,
    { name: 'Portal', url: story.receiver.url, eventTypes: ['*'], objectTypes: ['contact'] },
    422,
  )
  expect([refused.code, refused.fix]).toEqual(['not_supported', expect.stringContaining('survey.contact.updated')])
  expect(complaints).toEqual([])
})

test('more integrations than a page of the API holds are scrolled, sorted and found without drawing them all', async () => {
  const names = Array.from({ length: 260 }, (_, n) => `Clinic ${String(n).padStart(4, '0')}`)
  for (let at = 0; at < names.length; at += 50) await Promise.all(names.slice(at, at + 50).map((name) => story.integration(name)))
  const { page } = await story.signedIn()
  await page.goto('/integrations')
  await page.getByText(/^Clinic \d{4}$/).first().waitFor()
  expect(await page.getByRole('row').count()).toBeLessThan(60)
  await page.getByRole('button', { name: 'Name' }).click()
  await page.getByText('Clinic 0000').waitFor()
  await page.getByLabel('Find by name or kind').fill('0250')
  await page.getByRole('link', { name: 'Clinic 0250' }).waitFor()
  expect(await page.getByRole('row').count()).toBe(2)
})

test('TLS of a port has its fields, and a fault stands at the one it is about', async () => {
  for (const [options, looks] of [[DESK, THEMES], [PHONE, ON_PHONE]] as const) {
    const { page, complaints } = await story.signedIn(options)
    await page.goto('/integrations/new?kind=hl7v2')
    await page.getByLabel('Name', { exact: true }).fill('Laboratory')
    await page.getByRole('switch', { name: 'TLS' }).click()
    await page.getByLabel('Certificate', { exact: true }).fill('no certificate')
    await page.getByLabel('Private key').fill('no key')
    await page.getByRole('button', { name: 'Add integration' }).click()
    await page.getByLabel('Certificate', { exact: true }).and(page.locator('[aria-invalid="true"]')).waitFor()
    expect(await page.getByText('It holds no certificate as PEM').count()).toBeGreaterThan(0)
    expect(await looked(page, 'integration-port-tls', looks)).toEqual([])
    expect(complaints.filter((said) => !said.includes('422'))).toEqual([])
  }
})

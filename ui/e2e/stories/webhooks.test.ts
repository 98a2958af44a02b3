import { expect, test } from 'vitest'

import { setting } from '../harness/setting'
import { until } from '../harness/until'

const story = setting()

test('Admin, Integrations, Manage Webhooks: a webhook is made, tested, and its secret shown once', async () => {
  await story.integration('SurveyMonkey')
  const { page, complaints } = await story.signedIn()
  await page.getByRole('link', { name: 'Admin', exact: true }).click()
  await page.getByRole('link', { name: 'Integrations', exact: true }).first().click()
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

test('a webhook is paused and resumed, and gets another secret that is shown once', async () => {
  const integration = await story.integration('Turned')
  const { id } = await story.webhook(integration)
  const path = `/admin/integration/${integration}/webhooks/${id}`
  const state = async () => (await story.server.call<{ status: string }>('GET', `${path}/status`)).status
  const { page, complaints } = await story.signedIn()
  await page.goto(`/integrations/${integration}/webhooks/${id}`)
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByText('Paused', { exact: true }).waitFor()
  expect(await state()).toBe('paused')
  await page.getByRole('button', { name: 'Resume' }).click()
  await page.getByText('Active', { exact: true }).waitFor()
  expect(await state()).toBe('active')

  await page.getByRole('tab', { name: 'Edit' }).click()
  await page.getByRole('button', { name: 'Rotate secret' }).click()
  await page.getByRole('dialog', { name: 'Rotate secret' }).getByRole('button', { name: 'Rotate secret' }).click()
  const shown = page.getByRole('dialog', { name: 'Signing secret' })
  await shown.getByText(/whsec_/).waitFor()
  await shown.getByRole('checkbox').click()
  await shown.getByRole('button', { name: 'Done' }).click()
  await shown.waitFor({ state: 'detached' })
  expect(await page.content()).not.toContain('whsec_')
  const before = story.receiver.hits.length
  await story.send(integration, 'lab.result.critical')
  await until('it arrived', async () => story.receiver.hits.length === before + 1)
  // For the overlap both secrets sign.
  expect(String(story.receiver.hits.at(-1)?.headers['webhook-signature']).split(' ')).toHaveLength(2)
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

test('a test that fails says why in the reader’s words, leads to the page of the error, and shows what came back', async () => {
  const integration = await story.integration('Test sends')
  await story.webhook(integration, { name: 'Refusing', url: 'http://127.0.0.1:9/hooks' })
  await story.webhook(integration, { name: 'Failing' })
  const { page } = await story.signedIn({ locale: 'de-DE' })
  await page.goto(`/integrations/${integration}/webhooks`)
  const send = async (name: string) => {
    await page.getByRole('button', { name: `Aktionen für ${name}` }).click()
    await page.getByRole('menuitem', { name: 'Testen' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Test senden' }).click()
  }
  await send('Refusing')
  const refused = page.getByRole('link', { name: 'Verbindung abgelehnt' })
  expect(await refused.getAttribute('href')).toBe('/docs/errors/connect_refused')
  await page.getByText('An dieser Adresse und diesem Port lauscht nichts.').waitFor()
  await page.keyboard.press('Escape')

  Object.assign(story.receiver, { status: 500, body: '{"why":"database away"}', headers: { 'x-incident': 'INC-7', 'set-cookie': 'session=very-secret' } })
  await send('Failing')
  const answer = page.getByRole('dialog').getByRole('figure', { name: 'Inhalt der Antwort' })
  await answer.getByText('database away').waitFor()
  const head = await page.getByRole('figure', { name: 'Was der Empfänger antwortete' }).innerText()
  expect(head).toContain('x-incident: INC-7')
  expect(head).not.toContain('very-secret')
  Object.assign(story.receiver, { status: 200, body: '', headers: {} })
})

test('a webhook whose last call failed says so at once', async () => {
  const integration = await story.integration('One failure')
  await story.webhook(integration, { eventTypes: ['lab.result.critical'], retry: { schedule: ['1h'], horizon: '2h' } })
  const { page } = await story.signedIn()
  await page.goto(`/integrations/${integration}/webhooks`)
  await page.getByRole('row', { name: /Portal/ }).getByText('Active').waitFor()
  story.receiver.status = 500
  await story.send(integration, 'lab.result.critical')
  await page.getByRole('row', { name: /Portal/ }).getByText('Last call failed').waitFor()
  story.receiver.status = 200
})

test('what somebody else changed meanwhile is shown before anything is overwritten', async () => {
  const integration = await story.integration('Two people')
  const { id } = await story.webhook(integration)
  const path = `/admin/integration/${integration}/webhooks/${id}`
  const { page } = await story.signedIn()
  await page.goto(`/integrations/${integration}/webhooks/${id}?tab=edit`)
  await page.getByLabel('Name', { exact: true }).fill('Ward portal')

  const webhook = await story.server.call<Record<string, unknown>>('GET', path)
  await story.server.call('PUT', path, { ...webhook, name: 'Their portal', timeout: '20s' })
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Somebody changed this meanwhile').waitFor()
  await page.getByText('Yours: Ward portal').waitFor()
  expect(await story.server.call('GET', path)).toMatchObject({ name: 'Their portal', timeout: '20s' })

  await page.getByRole('button', { name: 'Save mine on top' }).click()
  await page.getByText('Ward portal is saved').waitFor()
  expect(await story.server.call('GET', path)).toMatchObject({ name: 'Ward portal', timeout: '20s' })
})

test('leaving what is not saved asks first', async () => {
  const integration = await story.integration('Unsaved')
  const { id } = await story.webhook(integration)
  const { page } = await story.signedIn()
  await page.goto(`/integrations/${integration}/webhooks/${id}?tab=edit`)
  await page.getByLabel('Name', { exact: true }).fill('Ward portal')
  await page.getByRole('tab', { name: 'Logs' }).click()
  const question = page.getByRole('dialog', { name: 'Leave without saving?' })
  await question.getByRole('button', { name: 'Cancel' }).click()
  expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Ward portal')
  await page.getByRole('tab', { name: 'Logs' }).click()
  await question.getByRole('button', { name: 'Leave' }).click()
  await page.getByText('No calls yet').waitFor()
})

test('a webhook that is made elsewhere appears by itself', async () => {
  const integration = await story.integration('Elsewhere')
  const { page } = await story.signedIn()
  await page.goto(`/integrations/${integration}/webhooks`)
  await page.getByText('No webhook yet').waitFor()
  await story.webhook(integration, { name: 'From a script' })
  await page.getByRole('row', { name: /From a script/ }).waitFor()
})

import { expect, test } from 'vitest'

import { barriers } from '../harness/browser'
import { setting } from '../harness/setting'
import { until } from '../harness/until'

const story = setting()

test('t1_tests_have_figures_of_their_own_that_say_so_and_are_in_no_other', async () => {
  const integration = await story.integration('Rehearsal', { environment: 'test' })
  const { id } = await story.webhook(integration, { eventTypes: ['lab.result.critical'], acceptTest: true })
  for (let n = 0; n < 3; n += 1) await story.send(integration, 'lab.result.critical', { subject: { id: `MRN-${n}` } })
  await until('three tests arrived', async () => story.receiver.hits.length === 3)
  const status = `/admin/integration/${integration}/webhooks/${id}/status`
  const told = (of: string) => story.server.call<{ delivered24h: number }>('GET', status + of)
  await until('they are counted', async () => (await told('?environment=test')).delivered24h === 3)
  expect((await told('')).delivered24h).toBe(0)

  const { page, complaints } = await story.signedIn()
  await page.getByText('Figures of test events').waitFor()
  expect(await barriers(page)).toEqual([])
  const chart = page.locator('figure', { hasText: 'Last 24 hours' })
  await chart.getByText('Delivered 3').waitFor()
  await page.getByRole('switch', { name: 'Test data' }).click()
  await page.getByText('What tests do shows with').waitFor()
  await page.goto('/monitoring')
  await page.getByText('Figures of test events').waitFor()
  const row = page.getByRole('row', { name: /Portal/ })
  await row.getByRole('cell', { name: '3', exact: true }).waitFor()

  await page.goto(`/integrations/${integration}/webhooks/${id}`)
  await page.getByText('This integration is a test').waitFor()
  const minutes = page.getByRole('figure').filter({ has: page.getByRole('heading', { name: 'Attempts', exact: true }) })
  await minutes.getByRole('button', { name: 'Show as table' }).click()
  const delivered = () => minutes.locator('tbody tr td:nth-of-type(1)').allInnerTexts()
  await until('the minutes add up to what was sent', async () => (await delivered()).reduce((sum, cell) => sum + Number(cell), 0) === 3)
  expect(await barriers(page)).toEqual([])
  expect(complaints).toEqual([])
})

import { expect, test } from 'vitest'

import { barriers } from '../harness/browser'
import { setting } from '../harness/setting'

const story = setting()
const MESSAGE = ['MSH|^~\\&|LAB|HOSP|||20261128||ZZZ^Z99|1|P|2.5', 'PID|1||MRN-1001'].join('\r')

function ingest(path: string, type: string, body: string): Promise<Response> {
  return fetch(`${story.server.url}/ingest/${path}`, { method: 'POST', headers: { authorization: `Bearer ${story.server.key}`, 'content-type': type }, body })
}

test('what a door refuses shows at its source with the reason, and is found by a filter', async () => {
  const integration = await story.integration('Front desk')
  await story.integration('Quiet')
  const { page, complaints } = await story.signedIn()
  await page.goto('/sources')
  const row = page.getByRole('row', { name: /Front desk/ })
  await row.getByText('Never heard').waitFor()
  expect((await ingest(`${integration}/events`, 'application/json', '{"type":"no.such.type","data":{}}')).status).toBe(422)
  await row.getByRole('link', { name: '1', exact: true }).click()

  await page.getByText('integration: Front desk').or(page.getByText('Front desk').first()).first().waitFor()
  await page.getByRole('row', { name: /neither in the catalogue nor registered/ }).click()
  const drawer = page.getByRole('dialog')
  await drawer.getByText('unknown_event_type').waitFor()
  expect(await barriers(page)).toEqual([])
  await page.keyboard.press('Escape')
  await page.goto('/sources?tab=rejections&door=mllp')
  await page.getByText('No rejected request fits the filter').waitFor()
  expect(complaints).toEqual([])
})

test('what was refused is shown as it came, once a reason is given', async () => {
  const integration = await story.integration('Hospital', { kind: 'hl7v2' })
  const answer = await ingest(`${integration}/hl7v2`, 'text/plain', MESSAGE.replace('MSH|', 'XXX|'))
  expect(answer.status).toBe(400)
  const { page } = await story.signedIn()
  await page.goto(`/sources?tab=rejections&integration=${integration}`)
  await page.getByRole('row').nth(1).click()
  await page.getByRole('button', { name: 'Reveal' }).click()
  await page.getByLabel('Why do you need to see it?').fill('Sender asks why')
  await page.getByRole('dialog').last().getByRole('button', { name: 'Reveal' }).click()
  await page.getByText('PID|1||MRN-1001').waitFor()
})

import { expect, test } from 'vitest'

import { barriers } from '../harness/browser'
import { LOCAL_RESULT, LOW_SATURATION, saturation, sendMessage, sendResource } from '../harness/clinical'
import { setting } from '../harness/setting'

const story = setting()

test('a bound tells before it is saved what would fire anew, with the clause', async () => {
  const integration = await story.integration('Monitors', { kind: 'fhir' })
  const { id } = await story.server.call<{ id: string }>('POST', '/admin/triggers', LOW_SATURATION, 201)
  await sendResource(story, integration, saturation(92, { id: 'middling' }))
  const { page, complaints } = await story.signedIn()
  await page.goto(`/triggers/${id}`)
  const panel = page.getByRole('region', { name: 'What would change' })
  await panel.getByRole('button', { name: 'Preview' }).click()
  await panel.getByText('Nothing would change').waitFor()

  await page.getByLabel('Bound').fill('93')
  await panel.getByText('Nothing would change').waitFor({ state: 'detached' })
  await panel.getByRole('button', { name: 'Preview' }).click()
  await panel.getByText('One difference').waitFor()
  const sample = panel.getByRole('listitem').filter({ hasText: 'vital.threshold_crossed' })
  await sample.getByText('anew', { exact: true }).waitFor()
  await sample.getByText('does not hold → fires').waitFor()
  await sample.getByText(/value < 93/).waitFor()
  expect(await sample.getByRole('link', { name: 'Saturation below 90' }).count()).toBe(1)
  expect(await barriers(page)).toEqual([])

  expect(await story.list('/admin/events?eventType=vital.threshold_crossed')).toEqual([])
  expect(await story.server.call('GET', `/admin/triggers/${id}`)).toMatchObject({ threshold: { value: 90 } })
  expect(await story.list('/admin/audit?action=preview')).toHaveLength(2)
  expect(complaints).toEqual([])
})

test('a table of codes tells before it is saved what its messages would have become', async () => {
  const integration = await story.integration('Laboratory', { kind: 'hl7v2' })
  await sendMessage(story, integration, LOCAL_RESULT)
  const { page, complaints } = await story.signedIn()
  await page.goto(`/integrations/${integration}?tab=mapping`)
  await page.getByRole('row').filter({ hasText: 'Tests' }).getByRole('button', { name: 'Map' }).click()
  await page.getByRole('textbox', { name: 'Tests' }).fill('from,system,to,display\nK,L,2823-3,Potassium')
  const panel = page.getByRole('region', { name: 'What would change' }).first()
  await panel.getByRole('button', { name: 'Preview' }).click()
  await panel.getByText('/resource/code/coding').first().waitFor()
  expect(await barriers(page)).toEqual([])
  expect(complaints).toEqual([])
})

test('a viewer is not offered to try a change', async () => {
  const { key } = await story.server.call<{ key: string }>('POST', '/admin/keys', { name: 'Looks on', role: 'viewer' }, 201)
  const { id } = await story.server.call<{ id: string }>('POST', '/admin/triggers', LOW_SATURATION, 201)
  const { page } = await story.signedIn({}, key)
  await page.goto(`/triggers/${id}`)
  await page.getByRole('heading', { name: 'Saturation below 90', level: 1 }).waitFor()
  expect(await page.getByRole('region', { name: 'What would change' }).count()).toBe(0)
})

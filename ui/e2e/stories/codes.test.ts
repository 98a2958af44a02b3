import { expect, test } from 'vitest'

import { barriers } from '../harness/browser'
import { LOCAL_RESULT, sendMessage } from '../harness/clinical'
import { setting } from '../harness/setting'

const story = setting()
const codes = (integration: string) => story.server.call<{ codes: object[]; overrides: { messages?: object } }>('GET', `/admin/integration/${integration}/mapping`)

test('a code that nobody knows is on the worklist with what it keeps from firing, and is mapped from there', async () => {
  const integration = await story.integration('Laboratory', { kind: 'hl7v2' })
  await sendMessage(story, integration, LOCAL_RESULT)
  const { page, complaints } = await story.signedIn()
  await page.goto(`/integrations/${integration}?tab=mapping`)
  const row = page.getByRole('row').filter({ hasText: 'Tests' })
  // A phone has it below the code.
  await row.getByText('lab.result.critical').last().waitFor()
  await row.getByRole('button', { name: 'Map' }).click()
  const table = page.getByRole('textbox', { name: 'Tests' })
  expect(await table.inputValue()).toMatch(/K,L,,\s*$/)
  // It leads to the cell that is missing.
  await page.keyboard.type('2823-4')
  expect(await table.inputValue()).toMatch(/K,L,2823-4,\s*$/)
  await table.fill('from,system,to,display\nK,L,2823-4,Potassium')
  await page.getByRole('button', { name: 'Save table' }).click()
  await page.getByRole('alert').getByText(/\/codes\/0\/to.*LOINC/).waitFor()
  expect((await codes(integration)).codes).toEqual([])
  expect(await barriers(page)).toEqual([])
  await table.fill('from,system,to,display\nK,L,2823-3,Potassium')
  await page.getByRole('button', { name: 'Save table' }).click()
  await page.getByText('The table is saved.').waitFor()
  expect((await codes(integration)).codes).toMatchObject([{ from: 'K', system: 'L', to: '2823-3' }])
  expect(complaints).toEqual([])
})

test('what a sender says otherwise than the standard is written as overrides, refused with the place where it is wrong', async () => {
  const integration = await story.integration('Ward', { kind: 'hl7v2' })
  const { page, complaints } = await story.signedIn()
  await page.goto(`/integrations/${integration}?tab=mapping`)
  const field = page.getByRole('textbox', { name: 'Overrides' })
  const save = page.getByRole('button', { name: 'Save overrides' })
  const overrides = (as: string) => ({ segments: { 'ZPD[Patient]': { rows: [{ from: '2', to: 'extension+.valueString', as, with: '{"url":"urn:note"}' }] } }, messages: { 'ADT^A01': { ZPD: 'add Patient' } } })
  await field.fill('{"segments":')
  await save.click()
  await page.getByText(/This is not JSON/).waitFor()
  await field.fill(JSON.stringify(overrides('strin')))
  await save.click()
  await page.getByRole('alert').getByText(/ZPD\[Patient\]\/rows\/0\/as.*no data type strin/).waitFor()
  await field.fill(JSON.stringify(overrides('string')))
  await save.click()
  await page.getByText('The overrides are saved.').waitFor()
  expect((await codes(integration)).overrides.messages).toEqual({ 'ADT^A01': { ZPD: 'add Patient' } })
  expect(complaints).toEqual([])
})

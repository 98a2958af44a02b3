import { expect, test } from 'vitest'

import { barriers } from '../harness/browser'
import { setting } from '../harness/setting'
import { until } from '../harness/until'

const story = setting()
const recovers = async (integration: string) => (await story.server.call<{ autoRecover: boolean }>('GET', `/admin/integration/${integration}`)).autoRecover

test('an integration lets its subscriptions recover by themselves once somebody says so, and leaves it again', async () => {
  const integration = await story.integration('Record system', { kind: 'fhir' })
  const { page, complaints } = await story.signedIn()
  await page.goto(`/integrations/${integration}?tab=settings`)
  const recover = page.getByRole('switch', { name: 'Subscriptions recover by themselves' })
  expect(await recover.getAttribute('aria-checked')).toBe('false')
  await recover.focus()
  await page.keyboard.press('Space')
  expect(await recover.getAttribute('aria-checked')).toBe('true')
  expect(await recovers(integration)).toBe(false)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await until('it recovers', () => recovers(integration))
  expect(await barriers(page)).toEqual([])
  await page.reload()
  await recover.waitFor()
  await until('the switch is on', async () => (await recover.getAttribute('aria-checked')) === 'true')
  await recover.click()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await until('it does not recover', async () => !(await recovers(integration)))

  const events = await story.integration('Scheduling')
  await page.goto(`/integrations/${events}?tab=settings`)
  await page.getByRole('button', { name: 'Save', exact: true }).waitFor()
  expect(await recover.count()).toBe(0)
  expect(complaints).toEqual([])
})

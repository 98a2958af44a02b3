import { type ChildProcess, spawn } from 'node:child_process'
import { resolve } from 'node:path'

import { afterEach, expect, test } from 'vitest'

import { freePort } from '../harness/server'
import { setting } from '../harness/setting'
import { until } from '../harness/until'

const story = setting()
const PORTAL = resolve(import.meta.dirname, '../../../examples/portal/portal.mjs')
let portal: ChildProcess | undefined
afterEach(() => void portal?.kill())

test('the example portal shows an admission and a discharge without a reload, and takes nothing forged', async () => {
  const port = await freePort()
  const integration = await story.integration('Ward')
  const { signing } = await story.server.call<{ signing: { secret: string } }>(
    'POST',
    `/admin/integration/${integration}/webhooks`,
    { name: 'Portal', url: `http://127.0.0.1:${port}/hooks`, eventTypes: ['encounter.*'] },
    201,
  )
  portal = spawn(process.execPath, [PORTAL], { env: { ...process.env, PORT: String(port), WEBHOOK_SECRET: signing.secret }, stdio: 'ignore' })
  const address = `http://127.0.0.1:${port}`
  await until('the portal listens', async () => (await fetch(address).catch(() => null))?.ok ?? false)
  const { page, complaints } = await story.stranger()
  await page.goto(address)
  await page.getByText('Nothing has arrived yet').waitFor()
  const forged = await fetch(`${address}/hooks`, { method: 'POST', body: '{"type":"encounter.admitted"}' })
  expect(forged.status).toBe(401)

  const subject = { subject: { id: 'MRN-1001' }, data: {} }
  await story.send(integration, 'encounter.admitted', subject)
  await page.getByRole('cell', { name: 'encounter admitted' }).waitFor()
  expect(await page.locator('#present li:not(.none)').count()).toBe(1)
  expect(await page.content()).not.toContain('MRN-1001')
  await story.send(integration, 'encounter.discharged', subject)
  await page.getByRole('cell', { name: 'encounter discharged' }).waitFor()
  await page.getByText('Nobody').waitFor()
  expect(complaints).toEqual([])
})

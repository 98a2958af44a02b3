import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'

import type { BrowserContextOptions, Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'

import { barriers } from '../harness/browser'
import { setting } from '../harness/setting'

/** Every page in the looks people use: no barrier, no refused style, nothing of a name becomes markup. */
const story = setting()

// What somebody hostile would give as a name; shown on most pages.
const HOSTILE = `<img src=x onerror="alert('name')">"'><script>alert('name')</script>`
const SCREENS = resolve(import.meta.dirname, '../../../target/screens')
const LOOKS: Record<string, BrowserContextOptions> = {
  light: { viewport: { width: 1360, height: 860 }, colorScheme: 'light' },
  dark: { viewport: { width: 1360, height: 860 }, colorScheme: 'dark' },
  phone: { viewport: { width: 360, height: 780 }, colorScheme: 'light', hasTouch: true, isMobile: true },
}

const pages: [name: string, path: string][] = []

beforeAll(async () => {
  const integration = await story.integration(HOSTILE)
  const webhook = await story.webhook(integration, { name: HOSTILE, eventTypes: ['*'], acceptTest: true })
  const event = await story.send(integration, 'lab.result.critical')
  const { data } = await story.server.call<{ data: { id: string }[] }>('GET', `/admin/deliveries?webhookId=${webhook.id}`)
  pages.push(
    ['now', '/'],
    ['start', '/start'],
    ['integrations', '/integrations'],
    ['integration-new', '/integrations/new'],
    ['integration', `/integrations/${integration}`],
    ['webhooks', `/integrations/${integration}/webhooks`],
    ['webhook-new', `/integrations/${integration}/webhooks/new`],
    ['webhook', `/integrations/${integration}/webhooks/${webhook.id}`],
    ['events', '/events'],
    ['event', `/events/${event}`],
    ['deliveries', '/deliveries'],
    ['delivery', `/deliveries/${data[0]?.id}`],
    ['dead-letters', '/dead-letters'],
    ['sources', '/sources'],
    ['live', '/live'],
    ['catalogue', '/catalogue'],
    ['event-type', '/catalogue/lab.result.critical'],
    ['monitoring', '/monitoring'],
    ['alerts', '/monitoring/alerts'],
    ['settings', '/settings'],
    ['keys', '/settings/keys'],
    ['audit', '/settings/audit'],
    ['egress', '/settings/egress'],
    ['health', '/settings/health'],
    ['not-found', '/nowhere'],
  )
})

describe.each(Object.entries(LOOKS))('%s', (look, options) => {
  test('every page can be used by everybody, and keeps the policy', async () => {
    mkdirSync(SCREENS, { recursive: true })
    const { page, complaints } = await story.signedIn(options)
    const found: string[] = []
    for (const [name, path] of pages) {
      await page.goto(path)
      await settled(page)
      await page.screenshot({ path: join(SCREENS, `${name}-${look}.png`), fullPage: true })
      const wider = await sideways(page)
      if (wider > 0) found.push(`${name}: ${wider} px wider than the window`)
      found.push(...[...(await barriers(page)), ...complaints.splice(0)].map((what) => `${name}: ${what}`))
    }
    expect(found).toEqual([])
  }, 180_000)
})

/** Waits until the page has its heading and waits for no answer any more. */
async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null)
}

/** By how many pixels the page is wider than the window. */
function sideways(page: Page): Promise<number> {
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth))
}

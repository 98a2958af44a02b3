import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'

import type { BrowserContextOptions, Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'

import { barriers, settled } from '../harness/browser'
import { HOSTILE, type Place, furnish } from '../harness/furnish'
import { setting } from '../harness/setting'

/** Every page in the looks people use: no barrier, no refused style, nothing of a name becomes markup. */
const story = setting()

const SCREENS = resolve(import.meta.dirname, '../../../target/screens')
const WIDE = { viewport: { width: 1360, height: 860 } }
const LOOKS: Record<string, BrowserContextOptions> = {
  light: { ...WIDE, colorScheme: 'light' },
  dark: { ...WIDE, colorScheme: 'dark' },
  phone: { viewport: { width: 360, height: 780 }, colorScheme: 'light', hasTouch: true, isMobile: true },
  german: { ...WIDE, colorScheme: 'light', locale: 'de-DE' },
  contrast: { ...WIDE, contrast: 'more' },
}

let pages: Place[] = []
beforeAll(async () => {
  pages = await furnish(story)
})

describe.each(Object.entries(LOOKS))('%s', (look, options) => {
  test('every page can be used by everybody, and keeps the policy', async () => {
    mkdirSync(SCREENS, { recursive: true })
    const visit = await story.signedIn(options)
    const { page, complaints } = visit
    const found: string[] = []
    for (const [name, path, first] of pages) {
      await page.goto(path)
      await settled(visit)
      await first?.(page)
      await page.screenshot({ path: join(SCREENS, `${name}-${look}.png`), fullPage: true })
      const wider = await sideways(page)
      if (wider > 0) found.push(`${name}: ${wider} px wider than the window`)
      found.push(...[...(await barriers(page)), ...complaints.splice(0)].map((what) => `${name}: ${what}`))
    }
    const stranger = await story.stranger(options)
    await stranger.page.goto('/signin')
    await stranger.page.locator('form').waitFor()
    await stranger.page.screenshot({ path: join(SCREENS, `sign-in-${look}.png`), fullPage: true })
    found.push(...[...(await barriers(stranger.page)), ...stranger.complaints].map((what) => `sign-in: ${what}`))
    expect(found).toEqual([])
  }, 600_000)
})

test('what somebody hostile gave as a name is shown as a text', async () => {
  const visit = await story.signedIn(WIDE)
  const { page, complaints } = visit
  await page.goto('/integrations')
  await page.getByText(HOSTILE).first().waitFor()
  const shown: string[] = []
  for (const [name, path] of pages) {
    await page.goto(path)
    await settled(visit)
    if ((await page.locator('main').innerText()).includes(HOSTILE)) shown.push(name)
    expect([name, await page.locator('main img, main script, main svg[onload]').count()]).toEqual([name, 0])
  }
  expect(shown).toEqual(expect.arrayContaining(['integrations', 'integration', 'webhooks', 'webhook', 'dead-letters', 'catalogue', 'event-type', 'alert-rules', 'keys', 'event', 'audit']))
  expect(complaints).toEqual([])
}, 600_000)

/** By how many pixels the page is wider than the window. */
function sideways(page: Page): Promise<number> {
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth))
}

import type { BrowserContextOptions } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'

import { settled } from '../harness/browser'
import { type Place, furnish } from '../harness/furnish'
import { HOSTILE, HOSTILE_HEADER, HOSTILE_JSON } from '../harness/hostile'
import { DESK, IN_GERMAN, type Look, ON_PHONE, PHONE, THEMES, looked } from '../harness/looks'
import { setting } from '../harness/setting'

/** Every page in the looks people use: no barrier, no refused style, nothing of a name becomes markup. */
const story = setting()

// A page is loaded once in each window; other themes are put on while it stands.
const WINDOWS: [window: string, options: BrowserContextOptions, looks: readonly Look[]][] = [
  ['a desk', DESK, THEMES],
  ['a phone', PHONE, ON_PHONE],
  ['a desk in German', { ...DESK, locale: 'de-DE' }, IN_GERMAN],
]

/** On which pages what somebody hostile gave must stand, letter by letter. */
const TOLD: Record<string, string[]> = {
  [HOSTILE]: [
    ...['integrations', 'integration', 'integration-preset', 'webhooks', 'webhook', 'dead-letters', 'catalogue', 'event-type', 'keys'],
    ...['alert-rules', 'event', 'event-explained', 'audit', 'delivery-answer', 'rejection', 'palette', 'trigger', 'triggers'],
  ],
  [HOSTILE_JSON]: ['event-revealed', 'rejection'],
  [HOSTILE_HEADER]: ['delivery-request', 'delivery-answer'],
}

let pages: Place[] = []
beforeAll(async () => {
  pages = await furnish(story)
})

describe.each(WINDOWS)('at %s', (_, options, looks) => {
  test('every page can be used by everybody, keeps the policy, and shows what is hostile as a text', async () => {
    const visit = await story.signedIn(options)
    const { page, complaints } = visit
    const found: string[] = []
    const shown: Record<string, string> = {}
    for (const [name, path, first] of pages) {
      await page.goto(path)
      await settled(visit)
      await first?.(page)
      found.push(...(await looked(page, name, looks)))
      if (await page.locator('img, main script, svg[onload], [onerror]').count()) found.push(`${name}: a name became markup`)
      found.push(...complaints.splice(0).map((what) => `${name}: ${what}`))
      shown[name] = await page.locator('body').innerText()
    }
    const stranger = await story.stranger(options)
    await stranger.page.goto('/signin')
    await stranger.page.locator('form').waitFor()
    found.push(...(await looked(stranger.page, 'sign-in', looks)), ...stranger.complaints)
    expect(found).toEqual([])
    // A phone leaves columns out.
    if (options.isMobile) return
    for (const [what, where] of Object.entries(TOLD)) expect(where.filter((name) => !shown[name]?.includes(what))).toEqual([])
  }, 600_000)
})

import { join, resolve } from 'node:path'

import type { BrowserContextOptions, Page } from 'playwright-core'

import { type Search, barriers, drawn } from './browser'

export const SCREENS = resolve(import.meta.dirname, '../../../target/screens')
export const DESK: BrowserContextOptions = { viewport: { width: 1360, height: 860 } }
export const PHONE: BrowserContextOptions = { viewport: { width: 360, height: 780 }, hasTouch: true, isMobile: true }

/** How a page looks, and what this look of it may have broken where another look was searched before. */
export interface Look {
  name: string
  theme: 'light' | 'dark' | 'contrast'
  search: Search | null
}

/** The themes of a desk: they change while a page stands, as a system's do at dusk. */
export const THEMES: readonly Look[] = [
  { name: 'light', theme: 'light', search: 'all' },
  { name: 'dark', theme: 'dark', search: 'colours' },
  { name: 'contrast', theme: 'contrast', search: 'colours' },
]
export const ON_PHONE: readonly Look[] = [{ name: 'phone', theme: 'light', search: 'shapes' }]
export const IN_GERMAN: readonly Look[] = [{ name: 'german', theme: 'light', search: null }]

/** Takes a picture of the page in each look, and says what is wrong with it there. */
export async function looked(page: Page, name: string, looks: readonly Look[]): Promise<string[]> {
  const found: string[] = []
  for (const { name: look, theme, search } of looks) {
    await putOn(page, theme)
    // What sticks to the window would stand in the middle of a page that is scrolled.
    await page.evaluate(() => window.scrollTo(0, 0))
    await page.screenshot({ path: join(SCREENS, `${name}-${look}.png`), fullPage: true })
    const wider = await sideways(page)
    const faults = [...(wider > 0 ? [`${wider} px wider than the window`] : []), ...(await torn(page)), ...(search ? await barriers(page, search) : [])]
    found.push(...faults.map((what) => `${name}, ${look}: ${what}`))
  }
  return found
}

async function putOn(page: Page, theme: Look['theme']): Promise<void> {
  await page.emulateMedia({ colorScheme: theme === 'dark' ? 'dark' : 'light' })
  // High contrast is chosen on the page of the appearance, which sets this.
  await page.evaluate((chosen) => {
    if (chosen === 'contrast') document.documentElement.dataset.theme = chosen
    else delete document.documentElement.dataset.theme
  }, theme)
  await drawn(page)
}

/** Words of names of event types that stand on two lines. */
function torn(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const words = [...document.querySelectorAll('.dotted')].flatMap((name) => [...name.childNodes]).filter((node) => /^\w+[._]?$/.test(node.textContent ?? ''))
    const lines = (word: Node) => {
      const range = document.createRange()
      range.selectNodeContents(word)
      return range.getClientRects().length
    }
    return words.filter((word) => lines(word) > 1).map((word) => `${word.textContent} is torn`)
  })
}

/** By how many pixels the page is wider than the window. */
function sideways(page: Page): Promise<number> {
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth))
}

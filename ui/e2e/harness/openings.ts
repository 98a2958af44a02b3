import type { Page } from 'playwright-core'

import { HOSTILE, HOSTILE_JSON } from './hostile'

// What is done on a page before it is looked at. Nothing here is found by its words: pages speak two languages.

/** Says why something masked is to be seen. */
async function giveReason(page: Page): Promise<void> {
  await page.locator('#ask-reason textarea').fill(HOSTILE)
  await page.locator('button[form="ask-reason"]').click()
}

/** Reveals what a receiver answered to a call. */
export async function revealAnswer(page: Page): Promise<void> {
  await page.locator('summary').first().click()
  await page.locator('details button').first().click()
  await giveReason(page)
  await page.locator('details').first().getByText(HOSTILE).last().waitFor()
}

/** Reveals what an event says. */
export async function revealEvent(page: Page): Promise<void> {
  await page.locator('main .actions button').first().click()
  await giveReason(page)
  await page.locator('dialog[open]').getByText(HOSTILE_JSON).first().waitFor()
}

/** Opens the newest request that was refused, and reveals it. */
export async function openRejection(page: Page): Promise<void> {
  await page.getByRole('row').nth(1).click()
  await page.locator('dialog[open] .stack .row button').first().click()
  await giveReason(page)
  await page.locator('dialog[open]').getByText(HOSTILE_JSON).first().waitFor()
}

/** Looks for it with the palette. */
export async function findHostile(page: Page): Promise<void> {
  await page.keyboard.press('Control+k')
  await page.keyboard.type('onerror')
  await page.getByRole('option').filter({ hasText: HOSTILE }).first().waitFor()
}

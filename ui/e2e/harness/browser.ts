import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

import { type Browser, type BrowserContextOptions, type Page, type Request, chromium } from 'playwright-core'

import { PATIENCE_MS, until } from './until'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS })
}

/** A page with what it complained about: errors, refused styles and scripts, failed calls. */
export interface Visit {
  page: Page
  complaints: string[]
  /** What the page has asked for and was not answered yet, live notes aside. */
  asked: Set<Request>
}

/** A window of its own: no cookie, no memory of another story. */
export async function visit(browser: Browser, baseURL: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ baseURL, locale: 'en-GB', timezoneId: 'Europe/London', reducedMotion: 'reduce', ...options })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
  page.on('console', (message) => {
    // A refused call is told by the browser too; the page shows it, and stories look there.
    const isCall = message.text().startsWith('Failed to load resource')
    if (message.type() === 'error' && !isCall) complaints.push(`console: ${message.text()}`)
  })
  page.on('dialog', (dialog) => {
    complaints.push(`a dialog opened: ${dialog.message()}`)
    void dialog.dismiss()
  })
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI}`)
    })
  })
  return { page, complaints, asked: asking(page) }
}

function asking(page: Page): Set<Request> {
  const asked = new Set<Request>()
  page.on('request', (request) => {
    // Live notes are one answer that never ends.
    if (!request.url().endsWith('/admin/live')) asked.add(request)
  })
  page.on('requestfinished', (request) => asked.delete(request))
  page.on('requestfailed', (request) => asked.delete(request))
  return asked
}

/** Waits until a page has its heading, has drawn what it was answered, and asks for nothing more. */
export async function settled({ page, asked }: Visit): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await until('the page is all there', async () => (await drawn(page)) && asked.size === 0)
}

/** Whether nothing on the page stands for what is to come, two frames later. */
export function drawn(page: Page): Promise<boolean> {
  return page.evaluate(async () => {
    for (let frame = 0; frame < 2; frame += 1) await new Promise((next) => requestAnimationFrame(next))
    return document.querySelector('[aria-busy="true"], .loading') === null
  })
}

interface Finding {
  id: string
  impact: string | null
  nodes: { target: string[]; failureSummary?: string }[]
}

const LEVELS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
const COLOURS = ['color-contrast', 'link-in-text-block']

/** What is looked for: everything, what another theme may break, or what another width may. */
export type Search = 'all' | 'colours' | 'shapes'

const SEARCHES: Record<Search, object> = {
  all: { runOnly: LEVELS },
  colours: { runOnly: COLOURS },
  shapes: { runOnly: LEVELS, rules: Object.fromEntries(COLOURS.map((rule) => [rule, { enabled: false }])) },
}

/** What axe finds against WCAG 2.2 AA. */
export async function barriers(page: Page, search: Search = 'all'): Promise<string[]> {
  // Runs through the debugger, which the content security policy does not concern.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE)
  // What is half under the top bar would count as too small a target.
  await page.evaluate(() => window.scrollTo(0, 0))
  const found = await page.evaluate(async (options) => {
    const { axe } = window as unknown as { axe: { run(root: Document, options: object): Promise<{ violations: Finding[] }> } }
    return (await axe.run(document, options)).violations
  }, { ...SEARCHES[search], resultTypes: ['violations'], preload: false })
  return found.flatMap(({ id, impact, nodes }) => nodes.map((node) => `${id} (${impact}): ${node.target.join(' ')} ${firstFix(node.failureSummary)}`))
}

function firstFix(summary = ''): string {
  return summary.split('\n').slice(1, 2).join('').trim()
}

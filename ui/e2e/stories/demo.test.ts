import { type ChildProcess, spawn } from 'node:child_process'
import { tmpdir } from 'node:os'

import type { Browser } from 'playwright-core'
import { afterEach, expect, test } from 'vitest'

import { launch, visit } from '../harness/browser'
import { BINARY } from '../harness/server'

let demo: ChildProcess | undefined
let browser: Browser | undefined
afterEach(async () => {
  await browser?.close()
  await ended(demo)
})

// From the command to the green tick: the minute that the first steps promise.
test('the demo opens on the first steps, and they lead to a signed event within a minute', async () => {
  demo = spawn(BINARY, ['demo'], { cwd: tmpdir(), stdio: ['ignore', 'ignore', 'pipe'] })
  const link = await signInLink(demo)
  browser = await launch()
  const { page, complaints } = await visit(browser, new URL(link).origin)
  await page.goto(link)
  await page.getByRole('heading', { name: 'What do you want to connect?' }).waitFor()
  await page.getByRole('button', { name: 'Add and go on' }).click()
  await page.getByRole('heading', { name: 'Choose a pack' }).waitFor()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('button', { name: 'Use the test receiver' }).click()
  await page.getByRole('button', { name: 'Send a test' }).click()
  await page.getByText('It arrived, signed').waitFor()
  await page.getByText('First byte').last().waitFor()
  expect(complaints).toEqual([])
}, 60_000)

/** The link that the demo tells. */
function signInLink(of: ChildProcess): Promise<string> {
  return new Promise((found, failed) => {
    let told = ''
    of.stderr?.on('data', (chunk: Buffer) => {
      told += chunk.toString()
      const link = /http:\/\/\S+#\S+/.exec(told)?.[0]
      if (link) found(link)
    })
    of.once('exit', () => failed(new Error(`the demo ended:\n${told}`)))
  })
}

/** Ends it as Ctrl-C does, so that it removes its data. */
function ended(of: ChildProcess | undefined): Promise<void> {
  if (!of || of.exitCode !== null || of.signalCode !== null) return Promise.resolve()
  return new Promise((done) => {
    of.once('exit', () => done())
    of.kill('SIGINT')
  })
}

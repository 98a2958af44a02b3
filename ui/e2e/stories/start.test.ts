import { expect, test } from 'vitest'

import { barriers } from '../harness/browser'
import { setting } from '../harness/setting'

const story = setting()

test('from nothing to the green tick: connect, pack, destination, test, with the times of the call', async () => {
  const { page, complaints } = await story.signedIn()
  await page.goto('/')
  await page.getByRole('link', { name: 'First event' }).click()
  await page.getByRole('button', { name: 'Add and go on' }).click()
  await page.getByRole('heading', { name: 'Choose a pack' }).waitFor()
  await page.getByText(/event types of it fit this integration/).waitFor()
  expect(await barriers(page)).toEqual([])
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByLabel('An address of yours').fill(story.receiver.url)
  await page.getByRole('button', { name: 'Add webhook' }).click()
  await page.getByText(/^whsec_/).waitFor()
  await page.getByRole('button', { name: 'I have stored it' }).click()
  await page.getByRole('button', { name: 'Send a test' }).click()
  await page.getByText('It arrived, signed').waitFor()
  await page.getByText('Connect').first().waitFor()
  expect(story.receiver.hits[0]?.headers['webhook-signature']).toMatch(/^v1,/)
  expect(await barriers(page)).toEqual([])

  // The way stands in the address: a reload loses nothing of it, and the secret is not told again.
  await page.reload()
  await page.getByRole('button', { name: 'Send a test' }).waitFor()
  expect(await page.content()).not.toContain('whsec_')
  expect(complaints).toEqual([])
})

test('without a receiver at hand the one of this server takes the test', async () => {
  const integration = await story.integration('No receiver', { environment: 'test' })
  const [pack] = await story.list<{ name: string }>('/admin/packs')
  const { page, complaints } = await story.signedIn()
  await page.goto(`/start?${new URLSearchParams({ integration, pack: pack!.name })}`)
  await page.getByRole('button', { name: 'Use the test receiver' }).click()
  await page.getByRole('button', { name: 'Send a test' }).click()
  await page.getByText('It arrived, signed').waitFor()
  expect(complaints).toEqual([])
})

test('a one-time link leads to the page that it names', async () => {
  const answer = await fetch(`${story.server.url}/session/links`, { method: 'POST', headers: { authorization: `Bearer ${story.server.key}` } })
  const { url } = (await answer.json()) as { url: string }
  const { page } = await story.stranger()
  await page.goto(url.replace('/signin#', '/signin?back=/start#'))
  await page.getByRole('heading', { name: 'What do you want to connect?' }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/start')
})

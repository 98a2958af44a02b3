import { expect, test } from 'vitest'

import { setting } from '../harness/setting'

const story = setting()

test('a one-time link signs in once, and leaves nothing in the address', async () => {
  const { page, complaints } = await story.signedIn()
  expect(page.url()).toBe(`${story.server.url}/`)
  const [cookie] = await page.context().cookies()
  expect(cookie).toMatchObject({ name: '__Host-carehook', httpOnly: true, secure: true, sameSite: 'Strict', path: '/' })
  await page.getByRole('link', { name: 'Integrations' }).first().waitFor()
  expect(complaints).toEqual([])
})

test('a wrong key is refused in words, and the right one leads to where one wanted to go', async () => {
  const { page, complaints } = await story.stranger()
  await page.goto('/integrations')
  await page.waitForURL(/\/signin/)
  await page.getByLabel('API key').fill('ch_nothing')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('alert').waitFor()
  await page.getByLabel('API key').fill(story.server.key)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL(/\/integrations$/)
  expect(complaints).toEqual([])
})

test('without its token a page of another origin changes nothing', async () => {
  const { page } = await story.signedIn()
  const forged = await page.evaluate(async () => {
    const answer = await fetch('/admin/integration', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
    return { status: answer.status, code: ((await answer.json()) as { code: string }).code }
  })
  expect(forged).toEqual({ status: 403, code: 'csrf' })
})

test('a server that goes away is told, and its return too', async () => {
  const { page } = await story.signedIn()
  await story.server.kill()
  await page.getByText('The server does not answer').first().waitFor()
  await story.server.restart()
  // A restart signs people out: the console says so instead of failing.
  await page.getByLabel('API key').waitFor()
})

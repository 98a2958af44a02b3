import { expect, test } from 'vitest'

import { barriers } from '../harness/browser'
import { setting } from '../harness/setting'
import { until } from '../harness/until'

const story = setting()
const MANY = 100_000
const PAGE = 2_500

async function delivered(): Promise<{ event: string; webhook: string }> {
  const integration = await story.integration('Laboratory')
  const webhook = await story.webhook(integration, { eventTypes: ['lab.result.critical'] })
  const event = await story.send(integration, 'lab.result.critical')
  await until('it is delivered', async () => (await story.list(`/admin/deliveries?webhookId=${webhook.id}&state=delivered`)).length === 1)
  return { event, webhook: webhook.id }
}

test('an event is replayed as it was, with the id that the receiver knows, or as a new delivery', async () => {
  const { event, webhook } = await delivered()
  const { page, complaints } = await story.signedIn()
  await page.goto(`/events/${event}`)
  const replay = async (way: string | null, count: number) => {
    await page.getByRole('button', { name: 'Replay' }).click()
    const dialog = page.getByRole('dialog', { name: 'Replay' })
    if (way) await dialog.getByRole('radio', { name: way }).click()
    else expect(await barriers(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Replay' }).click()
    await until(`it arrived ${count} times`, async () => story.receiver.hits.length === count)
    await dialog.waitFor({ state: 'detached' })
  }
  await replay(null, 2)
  await until('it is delivered again', async () => (await story.list(`/admin/deliveries?webhookId=${webhook}&state=delivered`)).length === 1)
  await replay('As a new delivery', 3)
  const ids = story.receiver.hits.map((hit) => hit.headers['webhook-id'])
  expect([ids[0] === ids[1], ids[0] === ids[2]]).toEqual([true, false])
  expect(complaints).toEqual([])
})

test('a delivery is retried, its request stays masked until a reason is given, and the reason stands in the audit log', async () => {
  const { webhook } = await delivered()
  const [{ id } = { id: '' }] = await story.list<{ id: string }>(`/admin/deliveries?webhookId=${webhook}`)
  const before = story.receiver.hits.length
  const { page, complaints } = await story.signedIn()
  await page.goto(`/deliveries/${id}?tab=request`)
  await page.getByText('The content is masked').waitFor()
  await page.getByRole('button', { name: 'Reveal' }).click()
  await page.getByLabel('Why do you need to see it?').fill('Receiver asks what it got')
  await page.getByRole('dialog').getByRole('button', { name: 'Reveal' }).click()
  await page.getByText('The content is masked').waitFor({ state: 'detached' })
  const [row] = await story.list<{ target: string; action: string }>('/admin/audit?action=reveal')
  expect(row).toMatchObject({ target: id, action: 'reveal' })

  await page.getByRole('button', { name: 'Retry now' }).click()
  await until('it arrived again', async () => story.receiver.hits.length === before + 1)
  await page.getByRole('tab', { name: 'Attempts' }).click()
  await page.getByText('Attempt 2').waitFor()
  expect(complaints).toEqual([])
})

test('what a receiver answered stays masked until a reason is given', async () => {
  const integration = await story.integration('Answers')
  const webhook = await story.webhook(integration, { eventTypes: ['lab.result.critical'], retry: { schedule: ['1h'], horizon: '2h' } })
  Object.assign(story.receiver, { status: 500, body: '{"about":"MRN-1001"}', headers: { 'x-incident': 'MRN-1001' } })
  await story.send(integration, 'lab.result.critical')
  await until('it failed once', async () => (await story.list(`/admin/deliveries?webhookId=${webhook.id}&state=waiting`)).length === 1)
  Object.assign(story.receiver, { status: 200, body: '', headers: {} })
  const [{ id } = { id: '' }] = await story.list<{ id: string }>(`/admin/deliveries?webhookId=${webhook.id}`)
  const { page, complaints } = await story.signedIn()
  await page.goto(`/deliveries/${id}`)
  await page.getByText('The receiver fails by itself.').waitFor()
  await page.getByText('What the receiver answered').click()
  await page.getByRole('figure', { name: 'Its body' }).waitFor()
  expect(await page.content()).not.toContain('MRN-1001')
  expect(await barriers(page)).toEqual([])
  await page.getByRole('button', { name: 'Reveal' }).click()
  await page.getByLabel('Why do you need to see it?').fill('Receiver asks what it said')
  await page.getByRole('dialog').getByRole('button', { name: 'Reveal' }).click()
  await page.getByRole('figure', { name: 'Its body' }).getByText('MRN-1001').waitFor()
  await page.getByText('x-incident: MRN-1001').waitFor()
  expect(complaints).toEqual([])
})

test('events are found by the beginning of their type and by what became of them, and r sends one again', async () => {
  const { event } = await delivered()
  const { page } = await story.signedIn()
  await page.goto('/events?type=lab.*&status=delivered')
  const row = page.getByRole('row').filter({ has: page.locator(`a[href$="${event}"]`) })
  await row.waitFor()
  await row.focus()
  await page.keyboard.press('r')
  const before = story.receiver.hits.length
  await page.getByRole('dialog', { name: 'Replay' }).getByRole('button', { name: 'Replay' }).click()
  await until('it arrived again', async () => story.receiver.hits.length === before + 1)
  await page.goto('/events?type=order.*')
  await page.getByText('No event fits the filter').waitFor()
})

test('a hundred thousand events are looked through page by page, and only those in sight are drawn', async () => {
  await delivered()
  const [one] = await story.list('/admin/events')
  const { page, complaints } = await story.signedIn()
  // What the server tells of one, as often as a long day has it.
  await page.route(/\/admin\/events\?/, async (route) => {
    const from = Number(new URL(route.request().url()).searchParams.get('after') ?? 0)
    const data = Array.from({ length: PAGE }, (_, n) => ({ ...one, id: `evt_${from + n}` }))
    await route.fulfill({ json: { data, next: from + PAGE < MANY ? String(from + PAGE) : null } })
  })
  await page.goto('/events')
  await page.getByRole('row').nth(1).focus()
  for (let loaded = PAGE; loaded < MANY; loaded += PAGE) {
    await page.locator(`[aria-rowcount="${loaded}"]`).waitFor()
    await page.keyboard.press('End')
  }
  await page.locator(`[aria-rowcount="${MANY}"]`).waitFor()
  await page.keyboard.press('End')
  await page.locator(`[aria-rowindex="${MANY}"]:focus`).waitFor()
  const most = await page.evaluate(async () => {
    const list = document.querySelector('.virtual')!
    let drawn = 0
    for (let step = 0; step < 60; step += 1) {
      list.scrollTop = (list.scrollHeight / 60) * step
      await new Promise((frame) => requestAnimationFrame(frame))
      drawn = Math.max(drawn, list.querySelectorAll('[role="row"]').length)
    }
    return drawn
  })
  expect(most).toBeGreaterThan(10)
  expect(most).toBeLessThan(80)
  expect(complaints).toEqual([])
})

test('a viewer is shown an event and offered nothing that they may not do', async () => {
  const { event } = await delivered()
  const { key } = await story.server.call<{ key: string }>('POST', '/admin/keys', { name: 'Looks on', role: 'viewer' }, 201)
  const { page } = await story.signedIn({}, key)
  await page.goto(`/events/${event}`)
  await page.getByText('Decided').waitFor()
  expect(await page.getByRole('button', { name: /Replay|Reveal/ }).count()).toBe(0)
})

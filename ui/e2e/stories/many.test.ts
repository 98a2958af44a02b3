import { expect, test } from 'vitest'

import { setting } from '../harness/setting'
import { until } from '../harness/until'

const story = setting()
const MANY = 10_000
const AT_ONCE = 1_000

test('ten thousand events are looked through, and only those in sight are drawn', async () => {
  const integration = await story.integration('Many')
  for (let sent = 0; sent < MANY; sent += AT_ONCE) {
    const events = Array.from({ length: AT_ONCE }, (_, n) => ({ type: 'lab.result.available', subject: { id: `MRN-${sent + n}` }, data: {} }))
    await story.server.call('POST', `/ingest/${integration}/events`, events, 202)
  }
  const { page, complaints } = await story.signedIn()
  await page.goto('/events')
  const first = page.getByRole('row').nth(1)
  await first.focus()
  const loaded = async () => Number((await page.getByText(/events? loaded/).first().innerText()).replace(/\D/g, ''))
  await until('all of them are there', async () => {
    await page.keyboard.press('End')
    return (await loaded()) >= MANY
  })
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
  expect(most).toBeLessThan(80)
  expect(complaints).toEqual([])
}, 180_000)

import { expect, test } from 'vitest'
import { effectScope } from 'vue'

import { type Page, usePages } from './pages'

type Item = { id: string; state?: string }
const ids = (items: readonly Item[]) => items.map((item) => item.id).join(' ')

/** A list whose pages are given by hand. */
async function list(first: Page<Item>) {
  const answers: Page<Item>[] = [first]
  const asked: (string | undefined)[] = []
  const scope = effectScope()
  const pages = scope.run(() =>
    usePages<Item>('events', (after) => {
      asked.push(after)
      return Promise.resolve(answers.shift()!)
    }),
  )!
  await settled()
  return { pages, answers, asked, scope }
}

test('pages join at the end until the server names no next one', async () => {
  const { pages, answers, asked, scope } = await list({ data: [{ id: 'c' }, { id: 'b' }], next: 'cursor' })
  expect(pages.hasMore.value).toBe(true)
  answers.push({ data: [{ id: 'a' }], next: null })
  await pages.more()
  await pages.more()
  expect([ids(pages.items.value), asked, pages.hasMore.value]).toEqual(['c b a', [undefined, 'cursor'], false])
  scope.stop()
})

test('renewing puts what is new on top and renews what is known, without losing later pages', async () => {
  const { pages, answers, scope } = await list({ data: [{ id: 'c', state: 'pending' }, { id: 'b' }, { id: 'a' }], next: 'cursor' })
  answers.push({ data: [{ id: 'd' }, { id: 'c', state: 'delivered' }], next: 'other' })
  await pages.renew()
  expect([ids(pages.items.value), pages.items.value[1]?.state]).toEqual(['d c b a', 'delivered'])
  scope.stop()
})

test('after a burst larger than a page the list begins anew, so that nothing is left out between', async () => {
  const { pages, answers, scope } = await list({ data: [{ id: 'b' }, { id: 'a' }], next: null })
  answers.push({ data: [{ id: 'z' }, { id: 'y' }], next: 'cursor' })
  await pages.renew()
  expect([ids(pages.items.value), pages.hasMore.value]).toEqual(['z y', true])
  scope.stop()
})

const settled = () => new Promise<void>((done) => queueMicrotask(() => queueMicrotask(() => queueMicrotask(done))))

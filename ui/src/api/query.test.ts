import { afterEach, expect, test } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'

import { forgetAll, invalidate } from './cache'
import { useQuery } from './query'

afterEach(forgetAll)

/** A question whose answers are given by hand. */
function question() {
  const asked: { signal: AbortSignal; answer: (value: string) => void; fail: (error: Error) => void }[] = []
  const ask = (signal: AbortSignal) => new Promise<string>((answer, fail) => asked.push({ signal, answer, fail }))
  return { asked, ask }
}

test('two screens that ask the same share one call and its answer', async () => {
  const { asked, ask } = question()
  const scope = effectScope()
  const [one, two] = scope.run(() => [useQuery('events', ask), useQuery('events', ask)] as const)!
  expect([asked.length, one.loading.value]).toEqual([1, true])
  asked[0]!.answer('all')
  await settled()
  expect([one.data.value, two.data.value, one.loading.value]).toEqual(['all', 'all', false])
  scope.stop()
})

test('a write makes what is on screen ask again, and the old answer stays until the new one is there', async () => {
  const { asked, ask } = question()
  const scope = effectScope()
  const query = scope.run(() => useQuery('webhooks int_1', ask))!
  asked[0]!.answer('old')
  await settled()
  invalidate('webhook', 'events')
  expect(asked.length).toBe(1)
  invalidate('webhooks')
  expect([asked.length, query.data.value, query.refreshing.value]).toEqual([2, 'old', true])
  asked[1]!.answer('new')
  await settled()
  expect(query.data.value).toBe('new')
  scope.stop()
})

test('a failure keeps what was known, and leaving the screen ends the call', async () => {
  const { asked, ask } = question()
  const scope = effectScope()
  const query = scope.run(() => useQuery('deliveries', ask))!
  asked[0]!.answer('known')
  await settled()
  void query.refetch()
  asked[1]!.fail(new Error('no'))
  await settled()
  expect([query.data.value, query.failure.value?.message]).toEqual(['known', 'no'])
  void query.refetch()
  scope.stop()
  expect(asked[2]!.signal.aborted).toBe(true)
})

test('another key shows its own answer and never that of the key before', async () => {
  const { asked, ask } = question()
  const id = ref('a')
  const scope = effectScope()
  const query = scope.run(() => useQuery(() => `events ${id.value}`, ask))!
  id.value = 'b'
  await nextTick()
  asked[1]!.answer('of b')
  asked[0]!.answer('of a')
  await settled()
  expect(query.data.value).toBe('of b')
  scope.stop()
})

const settled = () => new Promise<void>((done) => queueMicrotask(() => queueMicrotask(() => queueMicrotask(done))))

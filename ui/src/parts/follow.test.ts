import { expect, test } from 'vitest'
import { effectScope, nextTick, ref, shallowRef } from 'vue'

import { follow } from './follow'

test('what is told again is put in until somebody types, and again once that is saved', async () => {
  const [of, told, text] = [ref('a'), shallowRef<string | undefined>(), ref('')]
  const saved = effectScope().run(() => follow({ of: () => of.value, told: () => told.value, form: () => text.value, put: (now) => (text.value = now) }))!
  const tell = async (now: string | undefined) => {
    told.value = now
    await nextTick()
    return text.value
  }
  expect(await tell('first')).toBe('first')
  expect(await tell('second')).toBe('second')
  text.value = 'typed'
  expect(await tell('third')).toBe('typed')
  saved()
  expect(await tell('fourth')).toBe('fourth')
  text.value = 'typed'
  of.value = 'b'
  expect(await tell(undefined)).toBe('typed')
  expect(await tell('of another')).toBe('of another')
})

import { expect, test } from 'vitest'

import { percent } from './figures'

test('nearly all is never told as all, and nothing is told as nothing', () => {
  expect([1, 0.999999, 0.995, 0.5, 0, null].map(percent)).toEqual(['100 %', '99.99 %', '99.50 %', '50.0 %', '0 %', '–'])
})

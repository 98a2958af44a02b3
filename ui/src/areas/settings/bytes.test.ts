import { expect, test } from 'vitest'

import { bytes } from './bytes'

test('a size is told in the unit that fits', () => {
  expect([0, 812, 1536, 1024 ** 2 * 200, 1024 ** 4 * 3].map(bytes)).toEqual(['0 B', '812 B', '1.5 KiB', '200 MiB', '3 TiB'])
})

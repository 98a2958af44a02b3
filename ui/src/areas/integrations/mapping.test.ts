import { expect, test } from 'vitest'

import { withRow } from './mapping'

test('a row is begun for a code of the worklist, quoted where it must be, and written on where its meaning belongs', () => {
  expect(withRow('from,system,to,display\r\nNA,L,2951-2,\r\n', 'codes', 'K,1', 'L').text).toBe('from,system,to,display\r\nNA,L,2951-2,\r\n"K,1",L,,\r\n')
  expect(withRow('loinc,unit,low,high,criticalLow,criticalHigh\r\n', 'thresholds', '2823-3', 'mg/dL').text).toMatch(/2823-3,mg\/dL,,,,\r\n$/)
  const { text, at } = withRow('from,to,display\r\n', 'units', 'mmoll', null)
  expect(text).toBe('from,to,display\r\nmmoll,,\r\n')
  expect(text.replaceAll('\r\n', '\n').slice(0, at)).toBe('from,to,display\nmmoll,')
})

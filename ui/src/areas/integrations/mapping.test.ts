import { expect, test } from 'vitest'

import { withRow } from './mapping'

test('a row is begun for a code of the worklist, quoted where it must be', () => {
  expect(withRow('from,system,to,display\r\nNA,L,2951-2,\r\n', 'codes', 'K,1', 'L')).toBe('from,system,to,display\r\nNA,L,2951-2,\r\n"K,1",L,,\r\n')
  expect(withRow('from,to,display\r\n', 'units', 'mmoll', null)).toBe('from,to,display\r\nmmoll,,\r\n')
  expect(withRow('loinc,unit,low,high,criticalLow,criticalHigh\r\n', 'thresholds', '2823-3', 'mg/dL')).toMatch(/2823-3,mg\/dL,,,,\r\n$/)
})

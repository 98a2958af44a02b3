import { expect, test } from 'vitest'

import { byId } from './search'

test('an id leads to what it names, and nothing else is taken for one', () => {
  expect(byId('evt_00t43j0ana000m1dkqqkqam094')).toBe('/events/evt_00t43j0ana000m1dkqqkqam094')
  expect(byId('dlv_00t43j0ana000m1dkqqkqam094')).toBe('/deliveries/dlv_00t43j0ana000m1dkqqkqam094')
  for (const other of ['evt_1', 'xyz_00t43j0ana000m1dkqqkqam094', 'evt_00t43j0ana000m1dkqqkqam094/../x', 'MRN-1001']) {
    expect(byId(other)).toBeNull()
  }
})

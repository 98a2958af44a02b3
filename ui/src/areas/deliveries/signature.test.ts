import { createHmac } from 'node:crypto'

import { expect, test } from 'vitest'

import { signature, signedString } from './signature'

test('the browser computes the signature that the server makes', async () => {
  const key = Buffer.from('a key of thirty-two bytes length')
  const signed = signedString('dlv_1', '1614265330', '{"name":"Zoë"}')
  const expected = createHmac('sha256', key).update(signed).digest('base64')
  expect(await signature(`whsec_${key.toString('base64')}`, signed)).toBe(`v1,${expected}`)
  await expect(signature('whsec_not base64!', signed)).rejects.toThrow()
})

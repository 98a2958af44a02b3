// Whether a delivery is genuine, by Standard Webhooks 1.0.0: HMAC-SHA256 over `id.timestamp.body`.
import { createHmac, timingSafeEqual } from 'node:crypto'

const TOLERANCE_SECONDS = 300

/** Whether we are meant, now, by somebody who knows the secret. `body` is the raw bytes. */
export function isGenuine(secret, headers, body, nowSeconds) {
  const id = headers['webhook-id'] ?? ''
  const timestamp = headers['webhook-timestamp'] ?? ''
  if (!/^\d+$/.test(timestamp) || Math.abs(nowSeconds - Number(timestamp)) > TOLERANCE_SECONDS) return false
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest()
  let matches = false
  for (const entry of (headers['webhook-signature'] ?? '').split(' ')) {
    const [version, signature = ''] = entry.split(',', 2)
    const given = Buffer.from(signature, 'base64')
    // Every entry is compared, in constant time: during a rotation there are several.
    if (version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected)) matches = true
  }
  return matches
}

/** The signature of Standard Webhooks, computed here in the browser: nothing leaves it. */
export async function signature(secret: string, signed: string): Promise<string> {
  const key = await crypto.subtle.importKey('raw', keyOf(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const made = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(signed))
  return `v1,${btoa(String.fromCharCode(...new Uint8Array(made)))}`
}

/** What is signed: id, time and body, with a dot between. */
export const signedString = (id: string, timestamp: string, body: string) => `${id}.${timestamp}.${body}`

/** The bytes of a `whsec_…` secret; throws where it is not base64. */
function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  const text = atob(secret.trim().replace(/^whsec_/, ''))
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0))
}

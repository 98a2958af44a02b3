/** A piece of text and what it is. */
export interface Token {
  text: string
  kind: 'key' | 'string' | 'number' | 'word' | 'sign' | 'plain'
}

// Beyond this, colours cost more than they help.
const LENGTH_MAX = 60_000
const PIECES = /("(?:\\.|[^"\\])*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b|([{}[\],:]+)/g

/** The pieces of a JSON text, in order; whatever is not JSON is one plain piece. */
export function tokens(text: string): Token[] {
  if (text.length > LENGTH_MAX || !/^\s*[[{]/.test(text)) return [{ text, kind: 'plain' }]
  const out: Token[] = []
  let at = 0
  for (const found of text.matchAll(PIECES)) {
    if (found.index > at) out.push({ text: text.slice(at, found.index), kind: 'plain' })
    at = found.index + found[0].length
    const [whole, string, colon, number, word] = found
    if (string) {
      out.push({ text: string, kind: colon ? 'key' : 'string' })
      if (colon) out.push({ text: colon, kind: 'sign' })
    } else out.push({ text: whole, kind: number ? 'number' : word ? 'word' : 'sign' })
  }
  if (at < text.length) out.push({ text: text.slice(at), kind: 'plain' })
  return out
}

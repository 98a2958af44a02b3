/** A run of letters that is in both texts, only in the first, or only in the second. */
export interface Piece {
  kind: 'same' | 'gone' | 'new'
  /** With letters that have no picture made visible. */
  shown: string
}

// An address is at most 2,048 letters; beyond this the whole is shown as replaced.
const LETTERS_MAX = 4_096

/** What became of the first text in the second: the longest common runs stay. */
export function pieces(before: string, after: string): Piece[] {
  const a = [...before]
  const b = [...after]
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1
  const middle = changed(a.slice(head, a.length - tail), b.slice(head, b.length - tail))
  return joined([...same(a.slice(0, head)), ...middle, ...same(a.slice(a.length - tail))])
}

function same(letters: string[]): Piece[] {
  return letters.map((letter) => ({ kind: 'same', shown: letter }))
}

function changed(a: string[], b: string[]): Piece[] {
  if (a.length * b.length > LETTERS_MAX * 64) {
    return [...a.map((letter): Piece => ({ kind: 'gone', shown: visible(letter) })), ...b.map((letter): Piece => ({ kind: 'new', shown: visible(letter) }))]
  }
  // lengths[i][j] is the longest common subsequence of a from i and b from j.
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1))
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      lengths[i]![j] = a[i] === b[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!)
    }
  }
  const out: Piece[] = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      out.push({ kind: 'same', shown: a[i]! })
      i += 1
      j += 1
    } else if (j >= b.length || (i < a.length && lengths[i + 1]![j]! >= lengths[i]![j + 1]!)) {
      out.push({ kind: 'gone', shown: visible(a[i]!) })
      i += 1
    } else {
      out.push({ kind: 'new', shown: visible(b[j]!) })
      j += 1
    }
  }
  return out
}

function joined(all: Piece[]): Piece[] {
  const out: Piece[] = []
  for (const piece of all) {
    const last = out.at(-1)
    if (last?.kind === piece.kind) last.shown += piece.shown
    else out.push({ ...piece })
  }
  return out
}

/** Letters without a picture, as signs that have one. */
function visible(letter: string): string {
  const named: Record<string, string> = { ' ': '·', '\t': '⇥', '\n': '↵', '\r': '␍', '\u00a0': '⍽' }
  if (named[letter]) return named[letter]
  return /[\p{Cc}\p{Cf}]/u.test(letter) ? `⟨U+${letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩` : letter
}

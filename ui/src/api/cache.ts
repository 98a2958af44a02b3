import { shallowReactive } from 'vue'

/** What is known of one question. */
export interface Entry {
  data: unknown
  failure: Error | null
  /** When `data` was true; 0 before the first answer. */
  at: number
  asking: boolean
  watchers: number
  ask: ((signal: AbortSignal) => Promise<unknown>) | null
  abort: AbortController | null
}

// More than a person opens in an hour; the least used ones go first.
const ENTRIES_MAX = 200
const entries = new Map<string, Entry>()

/** The entry of a key, made if there is none. */
export function entry(key: string): Entry {
  const known = entries.get(key)
  if (known) {
    entries.delete(key)
    entries.set(key, known)
    return known
  }
  const made = shallowReactive<Entry>({ data: undefined, failure: null, at: 0, asking: false, watchers: 0, ask: null, abort: null })
  entries.set(key, made)
  forget()
  return made
}

/** Asks again. A question that is already on its way is not asked twice, unless `force`. */
export async function refresh(of: Entry, force = false): Promise<void> {
  if (!of.ask || (of.asking && !force)) return
  of.abort?.abort()
  const abort = new AbortController()
  of.abort = abort
  of.asking = true
  try {
    const data = await of.ask(abort.signal)
    if (abort.signal.aborted) return
    of.data = data
    of.failure = null
    of.at = Date.now()
  } catch (error) {
    if (abort.signal.aborted) return
    of.failure = error as Error
  } finally {
    if (of.abort === abort) of.asking = false
  }
}

/** Asks again whatever begins with one of these words and is on screen; the rest when it is next seen. */
export function invalidate(...words: string[]): void {
  for (const [key, of] of entries) {
    if (!words.some((word) => key === word || key.startsWith(`${word} `))) continue
    of.at = 0
    if (of.watchers > 0) void refresh(of, true)
  }
}

/** Asks again everything on screen. */
export function refreshSeen(): void {
  for (const of of entries.values()) if (of.watchers > 0) void refresh(of)
}

/** Drops everything, at sign-out: nothing of one person is shown to the next. */
export function forgetAll(): void {
  for (const of of entries.values()) of.abort?.abort()
  entries.clear()
}

function forget(): void {
  if (entries.size <= ENTRIES_MAX) return
  for (const [key, of] of entries) {
    if (of.watchers > 0) continue
    entries.delete(key)
    return
  }
}

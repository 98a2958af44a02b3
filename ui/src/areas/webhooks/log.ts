import type { components } from '@/api/schema'

export type Attempt = components['schemas']['LogEntry']
export type LogFilters = { status?: 'delivered' | 'failed'; eventType?: string }

/** The calls to one webhook as far as they were read, newest first. */
export interface Log {
  filters: LogFilters
  attempts: Attempt[]
  next: string | null
  /** Something was read; until then nothing is known. */
  read: boolean
  asking: boolean
  failure: Error | null
}

interface Page {
  data: Attempt[]
  next?: string | null
}

/** A log that nothing was read of. */
export function unread(filters: LogFilters = {}): Log {
  return { filters, attempts: [], next: null, read: false, asking: false, failure: null }
}

/** Joins the page that follows what is known. */
export function append(log: Log, page: Page): void {
  log.attempts.push(...page.data)
  log.next = page.next ?? null
}

/** Joins the newest page: what is new stands on top; what lies too far back to touch it is let go. */
export function renew(log: Log, page: Page): void {
  const newest = new Map(page.data.map((one) => [one.id, one]))
  const touches = log.attempts.some((one) => newest.has(one.id))
  if (touches) {
    const known = new Set(log.attempts.map((one) => one.id))
    log.attempts = [...page.data.filter((one) => !known.has(one.id)), ...log.attempts.map((one) => newest.get(one.id) ?? one)]
    return
  }
  log.attempts = page.data
  log.next = page.next ?? null
}

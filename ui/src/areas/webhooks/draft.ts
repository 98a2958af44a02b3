import { readTemplate } from './template'
import type { Webhook } from './watched'

/** What is sent to make, change, test or preview a webhook. */
export type Wish = Record<string, unknown>

/** The shapes a body can have. */
export const FORMATS = ['native', 'cloudevents', 'fhir-r4', 'fhir-r4b', 'fhir-r5', 'raw'] as const

/** A webhook as it stands in the form: every member is a text, a list or a choice. */
export interface Draft {
  name: string
  url: string
  eventTypes: string[]
  objectTypes: string[]
  objectIds: string
  /** FHIRPath with the event as its root; empty means every event. */
  filter: string
  sources: 'own' | '*'
  ordering: 'none' | 'object' | 'subject'
  acceptTest: boolean
  authKind: 'none' | 'bearer' | 'basic' | 'headers'
  token: string
  username: string
  password: string
  headers: { name: string; value: string }[]
  signing: 'hmac-sha256' | 'ed25519'
  minVersion: '1.2' | '1.3'
  ca: string
  retryKind: 'lane' | 'list' | 'backoff'
  schedule: string
  horizon: string
  maxAttempts: string
  baseDelay: string
  maxDelay: string
  timeout: string
  perSecond: string
  maxInFlight: string
  lane: '' | 'critical' | 'urgent' | 'routine' | 'bulk'
  format: (typeof FORMATS)[number]
  /** JSON in the receiver's own shape; empty means the shape of the format. */
  template: string
  profile: 'ping' | 'reference' | 'full'
  justification: string
  purpose: string
  recipientClass: string
}

/** A webhook that is not there yet. */
export function blank(): Draft {
  return {
    name: '',
    url: '',
    eventTypes: [],
    objectTypes: [],
    objectIds: '',
    filter: '',
    sources: 'own',
    ordering: 'none',
    acceptTest: false,
    authKind: 'none',
    token: '',
    username: '',
    password: '',
    headers: [],
    signing: 'hmac-sha256',
    minVersion: '1.2',
    ca: '',
    retryKind: 'lane',
    schedule: '5s, 20s, 60s, 2m',
    horizon: '72h',
    maxAttempts: '8',
    baseDelay: '5s',
    maxDelay: '1h',
    timeout: '',
    perSecond: '',
    maxInFlight: '16',
    lane: '',
    format: 'native',
    template: '',
    profile: 'reference',
    justification: '',
    purpose: 'TREAT',
    recipientClass: 'provider',
  }
}

interface Retry {
  schedule?: string[]
  horizon?: string
  maxAttempts?: number
  baseDelay?: string
  maxDelay?: string
}

/** A webhook as it is, for changing it. Credentials stay empty: what is left empty is kept. */
export function draftOf(webhook: Webhook): Draft {
  const auth = (webhook.auth ?? { kind: 'none' }) as { kind: Draft['authKind']; username?: string; headers?: Record<string, null> }
  const rate = webhook.rateLimit as { perSecond?: number } | null | undefined
  return {
    ...blank(),
    name: webhook.name,
    url: webhook.url,
    eventTypes: [...webhook.eventTypes],
    objectTypes: [...webhook.objectTypes],
    objectIds: webhook.objectIds.join('\n'),
    filter: webhook.filter ?? '',
    sources: webhook.sources === '*' ? '*' : 'own',
    ordering: webhook.ordering as Draft['ordering'],
    acceptTest: webhook.acceptTest,
    authKind: auth.kind,
    username: auth.username ?? '',
    headers: Object.keys(auth.headers ?? {}).map((name) => ({ name, value: '' })),
    signing: (webhook.signing.kind ?? 'hmac-sha256') as Draft['signing'],
    minVersion: webhook.tls.minVersion as Draft['minVersion'],
    ca: webhook.tls.ca ?? '',
    ...retryOf(webhook.retry as Retry | null | undefined),
    timeout: webhook.timeout,
    perSecond: rate?.perSecond ? String(rate.perSecond) : '',
    maxInFlight: String(webhook.maxInFlight),
    lane: (webhook.lane ?? '') as Draft['lane'],
    format: webhook.format as Draft['format'],
    template: webhook.template ? JSON.stringify(webhook.template, null, 2) : '',
    profile: webhook.profile as Draft['profile'],
    justification: webhook.justification ?? '',
    purpose: webhook.purpose,
    recipientClass: webhook.recipientClass,
  }
}

function retryOf(retry: Retry | null | undefined): Partial<Draft> {
  if (!retry) return { retryKind: 'lane' }
  if (retry.schedule) return { retryKind: 'list', schedule: retry.schedule.join(', '), horizon: retry.horizon ?? '' }
  return { retryKind: 'backoff', maxAttempts: String(retry.maxAttempts ?? ''), baseDelay: retry.baseDelay ?? '', maxDelay: retry.maxDelay ?? '' }
}

/** What a draft asks for. `before` is the webhook that is changed, if there is one. */
export function wishOf(draft: Draft, before?: Webhook): Wish {
  const wish: Wish = {
    name: draft.name,
    url: draft.url,
    eventTypes: draft.eventTypes,
    objectTypes: draft.objectTypes,
    objectIds: draft.objectIds.split('\n').map((id) => id.trim()).filter(Boolean),
    filter: draft.filter.trim() || null,
    sources: Array.isArray(before?.sources) && draft.sources === 'own' ? before.sources : draft.sources,
    ordering: draft.ordering,
    acceptTest: draft.acceptTest,
    auth: authOf(draft),
    tls: { minVersion: draft.minVersion, ca: draft.ca.trim() || null },
    retry: retryWish(draft),
    timeout: draft.timeout.trim() || null,
    rateLimit: draft.perSecond ? { perSecond: Number(draft.perSecond) } : null,
    maxInFlight: Number(draft.maxInFlight) || null,
    lane: draft.lane || null,
    format: draft.format,
    template: readTemplate(draft.template).value,
    profile: draft.profile,
    justification: draft.justification.trim() || null,
    purpose: draft.purpose,
    recipientClass: draft.recipientClass,
  }
  if (before) wish.active = before.active
  else wish.signing = { kind: draft.signing }
  return wish
}

function authOf(draft: Draft): Wish {
  // An empty credential is left out: a write-only member that is absent keeps its value.
  const given = (name: string, value: string) => (value ? { [name]: value } : {})
  if (draft.authKind === 'bearer') return { kind: 'bearer', ...given('token', draft.token) }
  if (draft.authKind === 'basic') return { kind: 'basic', ...given('username', draft.username), ...given('password', draft.password) }
  if (draft.authKind === 'headers') {
    const named = draft.headers.filter((header) => header.name.trim())
    return { kind: 'headers', headers: Object.fromEntries(named.map(({ name, value }) => [name.trim(), value || null])) }
  }
  return { kind: 'none' }
}

function retryWish(draft: Draft): Retry | null {
  if (draft.retryKind === 'lane') return null
  if (draft.retryKind === 'backoff') {
    return { maxAttempts: Number(draft.maxAttempts), baseDelay: draft.baseDelay.trim(), maxDelay: draft.maxDelay.trim() }
  }
  const schedule = draft.schedule.split(/[\s,]+/).filter(Boolean)
  return { schedule, ...(draft.horizon.trim() ? { horizon: draft.horizon.trim() } : {}) }
}

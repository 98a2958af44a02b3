import type { Integration, Settings } from './integration'

/** How a FHIR server is read, as it is being typed. */
export interface PollDraft {
  url: string
  /** One search in a line. */
  searches: string
  every: string
  overlap: string
  requestsPerHour: string
  /** Set elsewhere, and kept. */
  since: string | null
  ca: string | null
  auth: string
  username: string
  clientId: string
  tokenUrl: string
  scope: string
  keyId: string
  algorithm: string
  /** The token, the password or the private key: write-only. */
  secret: string
}

/** The searches that a new one begins with: patients first, so that results are about somebody known. */
const USUAL = ['Patient', 'Observation?category=laboratory', 'DiagnosticReport', 'Encounter', 'Appointment']

export function freshPoll(): PollDraft {
  return {
    url: '', searches: USUAL.join('\n'), every: '1m', overlap: '5m', requestsPerHour: '1200', since: null, ca: null,
    auth: 'none', username: '', clientId: '', tokenUrl: '', scope: 'system/*.rs', keyId: '', algorithm: 'ES384', secret: '',
  }
}

/** What there is, to be changed. Secrets are never told: left empty, they stay. */
export function pollOf(poll: NonNullable<Integration['poll']>): PollDraft {
  const { auth } = poll
  return {
    ...freshPoll(),
    url: poll.url,
    searches: poll.searches.join('\n'),
    every: poll.every,
    overlap: poll.overlap,
    requestsPerHour: String(poll.requestsPerHour),
    since: poll.since ?? null,
    ca: poll.ca ?? null,
    auth: auth.kind,
    username: auth.username ?? '',
    clientId: auth.clientId ?? '',
    tokenUrl: auth.tokenUrl ?? '',
    scope: auth.scope ?? 'system/*.rs',
    keyId: auth.keyId ?? '',
    algorithm: auth.algorithm ?? 'ES384',
  }
}

/** The part of the body. */
export function pollSettings(draft: PollDraft): Settings['poll'] {
  return {
    url: draft.url.trim(),
    searches: draft.searches.split('\n').map((line) => line.trim()).filter(Boolean),
    every: draft.every.trim(),
    overlap: draft.overlap.trim(),
    requestsPerHour: Number(draft.requestsPerHour),
    since: draft.since,
    ca: draft.ca,
    auth: authOf(draft),
  }
}

function authOf(draft: PollDraft): NonNullable<Settings['poll']>['auth'] {
  const secret = draft.secret.trim() || undefined
  const given = (text: string) => text.trim() || undefined
  if (draft.auth === 'bearer') return { kind: 'bearer', token: secret }
  if (draft.auth === 'basic') return { kind: 'basic', username: draft.username, password: secret }
  if (draft.auth !== 'smart-backend') return { kind: 'none' }
  return {
    kind: 'smart-backend',
    clientId: given(draft.clientId),
    tokenUrl: given(draft.tokenUrl),
    scope: given(draft.scope),
    keyId: given(draft.keyId),
    algorithm: draft.algorithm,
    privateKey: secret,
  }
}

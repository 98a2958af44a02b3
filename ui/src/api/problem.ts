import type { components } from './schema'

type Body = components['schemas']['Problem']

/** Why a call did nothing: what happened, why, where, how to mend it (RFC 9457). */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly status: number
  /** The stable code; a page of the documentation carries its name. */
  readonly code: string
  /** What happened, in a few words. */
  readonly title: string
  /** Why, in this case. */
  readonly detail: string
  /** The member that failed, as a JSON pointer, or the parameter. */
  readonly field: string | null
  /** What the caller can do. */
  readonly fix: string | null
  /** The page of the code. */
  readonly page: string | null
  /** How long the server asks to wait, in seconds. */
  readonly retryAfter: number | null

  constructor(body: Body, retryAfter: number | null = null) {
    super(body.title)
    this.status = body.status
    this.code = body.code
    this.title = body.title
    this.detail = body.detail
    this.field = body.field ?? null
    this.fix = body.fix ?? null
    this.page = body.type || null
    this.retryAfter = retryAfter
  }

  /** Why, and what the caller can do, as sentences. */
  get words(): string {
    return this.fix ? `${this.detail} ${this.fix.charAt(0).toUpperCase()}${this.fix.slice(1)}` : this.detail
  }

  /** No credentials, or they have expired. */
  get isSignedOut(): boolean {
    return this.status === 401
  }

  /** Signed in, but without the right. */
  get isForbidden(): boolean {
    return this.status === 403
  }

  get isMissing(): boolean {
    return this.status === 404
  }
}

/** The server did not answer at all, or something in front of it said that it is away. */
export class Away extends Error {
  override readonly name = 'Away'
}

/** Reads the problem out of a failed answer; never throws. */
export async function problemOf(response: Response): Promise<Problem | Away> {
  const retryAfter = Number.parseInt(response.headers.get('retry-after') ?? '', 10)
  const type = response.headers.get('content-type') ?? ''
  if (type.includes('json')) {
    const body = told(await response.json().catch(() => null))
    if (body && typeof body.code === 'string') {
      return new Problem(whole(body, response), Number.isNaN(retryAfter) ? null : retryAfter)
    }
  }
  // A proxy that cannot reach the server answers in words of its own.
  if (response.status >= 502 && response.status <= 504) return new Away(`HTTP ${response.status}`)
  return new Problem(whole({}, response))
}

/** A problem as it is, or as the FHIR facade words it. */
function told(answer: unknown): Partial<Body> | null {
  const outcome = answer as { resourceType?: string; issue?: { code?: string; diagnostics?: string; expression?: string[] }[] } | null
  const issue = outcome?.resourceType === 'OperationOutcome' ? outcome.issue?.[0] : undefined
  if (!issue) return answer as Partial<Body> | null
  return { code: issue.code, detail: issue.diagnostics, field: issue.expression?.[0] }
}

function whole(body: Partial<Body>, response: Response): Body {
  return {
    type: body.type ?? '',
    title: body.title ?? `HTTP ${response.status}`,
    status: response.status,
    code: body.code ?? `http_${response.status}`,
    detail: body.detail ?? response.statusText,
    field: body.field,
    fix: body.fix,
  }
}

/** A problem to look at; parts know no client. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly status = 422
  readonly code = 'url_private_address'
  readonly title = 'The URL points to a private network address'
  readonly detail = 'hook.clinic.local resolves to 10.2.3.4, which is blocked for this organisation.'
  readonly field = '/url'
  readonly fix = 'Use a public HTTPS address, or let an administrator allow 10.2.3.0/24.'
  readonly page = '/docs/errors/url_private_address'
}

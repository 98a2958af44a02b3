/** Where to go after sign-in: a path of our own, or home. Anything else would send people elsewhere. */
export function safeBack(asked: unknown): string {
  if (typeof asked !== 'string') return '/'
  const ours = asked.startsWith('/') && !asked.startsWith('//') && !asked.includes('\\')
  return ours && !asked.startsWith('/signin') ? asked : '/'
}

/** Takes the one-time text out of the address, at once: it must not stay in the history or in a screenshot. */
export function takeLink(): string | null {
  const text = location.hash.slice(1)
  if (!text) return null
  history.replaceState(history.state, '', location.pathname + location.search)
  return decodeURIComponent(text)
}

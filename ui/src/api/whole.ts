import type { Page } from './pages'

/** Everything that a list of the server holds, read page by page. */
export async function whole<T>(ask: (after: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = []
  let after: string | undefined
  do {
    const page = await ask(after)
    all.push(...page.data)
    after = page.next ?? undefined
  } while (after)
  return all
}

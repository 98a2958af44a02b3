/** How long a story waits for a state: long, so that a loaded machine fails none. */
export const PATIENCE_MS = 60_000
const BREATH_MS = 50

/** Asks until the answer is yes. Waits for a state, never for a guess. */
export async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE_MS
  while (!(await look())) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`)
    await new Promise((wake) => setTimeout(wake, BREATH_MS))
  }
}

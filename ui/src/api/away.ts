import { readonly, ref } from 'vue'

const away = ref(false)
const returns = new Set<() => void>()
let timer: ReturnType<typeof setTimeout> | undefined
let wait = 0

const WAIT_MIN = 1_000
const WAIT_MAX = 15_000

/** Whether the server cannot be reached. */
export const serverAway = readonly(away)

/** Runs `again` whenever the server is back; the result ends that. */
export function onReturn(again: () => void): () => void {
  returns.add(again)
  return () => returns.delete(again)
}

/** A call got no answer: asks `/healthz` until there is one. */
export function reportAway(): void {
  if (away.value) return
  away.value = true
  wait = WAIT_MIN
  timer = setTimeout(ask, wait)
}

/** A call was answered. */
export function reportBack(): void {
  if (!away.value) return
  away.value = false
  clearTimeout(timer)
  for (const again of returns) again()
}

/** Asks at once instead of at the next turn. */
export function askNow(): void {
  clearTimeout(timer)
  void ask()
}

async function ask(): Promise<void> {
  const answer = await fetch('/healthz', { cache: 'no-store' }).catch(() => null)
  if (answer?.ok) {
    reportBack()
    return
  }
  wait = Math.min(wait * 2, WAIT_MAX)
  timer = setTimeout(ask, wait)
}

import { onScopeDispose } from 'vue'

import { type NoteKind, useLive } from './live'

const WAIT_MS = 1_000

/** Renews a list when one of these notes comes, at most once a second. */
export function useRenewal(kinds: readonly NoteKind[], renew: () => unknown): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  useLive(kinds, () => {
    timer ??= setTimeout(() => {
      timer = undefined
      void renew()
    }, WAIT_MS)
  })
  onScopeDispose(() => clearTimeout(timer))
}

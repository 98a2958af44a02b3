import { onScopeDispose } from 'vue'

import { type Note, type NoteKind, useLive } from './live'

const WAIT_MS = 1_000

/** Renews a list when one of these notes comes that concerns it, at most once a second. */
export function useRenewal(kinds: readonly NoteKind[], renew: () => unknown, concerns: (note: Note) => boolean = () => true): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  useLive(kinds, (note) => {
    if (note.kind !== 'missed' && !concerns(note)) return
    timer ??= setTimeout(() => {
      timer = undefined
      void renew()
    }, WAIT_MS)
  })
  onScopeDispose(() => clearTimeout(timer))
}

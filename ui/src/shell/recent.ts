import { readonly, shallowRef } from 'vue'

/** Something with a name of its own that was looked at. */
export interface Recent {
  path: string
  name: string
  /** What kind of thing it is. */
  of: string
}

const KEY = 'carehook.recent'
const MOST = 8
const list = shallowRef<readonly Recent[]>(recall())

/** What was looked at last, the newest first; kept for this tab and until signing out. */
export const recent = readonly(list)

/** Puts a page on top of what was looked at. */
export function visited(one: Recent): void {
  list.value = [one, ...list.value.filter(({ path }) => path !== one.path)].slice(0, MOST)
  keep(JSON.stringify(list.value))
}

/** Forgets it all: who signs in next did not look at it. */
export function forgetVisits(): void {
  list.value = []
  keep(null)
}

function recall(): Recent[] {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? '[]') as Recent[]
  } catch {
    return []
  }
}

function keep(text: string | null): void {
  try {
    if (text === null) sessionStorage.removeItem(KEY)
    else sessionStorage.setItem(KEY, text)
  } catch {
    // A browser that keeps nothing begins anew at each load.
  }
}

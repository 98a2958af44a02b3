import type { RouteLocationNormalized, Router } from 'vue-router'

import { onReturn, reportAway } from '@/api/away'

const RELOADED = 'carehook.reloaded'

/**
 * Goes on when the file of a page does not come: waits for a server that is away,
 * and loads the console anew where an update has replaced its files.
 */
export function recoverPages(router: Router): void {
  let endWait = () => {}

  async function recover(to: RouteLocationNormalized): Promise<void> {
    const answer = await fetch('/healthz', { cache: 'no-store' }).catch(() => null)
    if (answer?.ok) {
      // Once for each page: a file that is not there after that either is a fault to be seen.
      if (sessionStorage.getItem(RELOADED) === to.path) return
      sessionStorage.setItem(RELOADED, to.path)
      location.assign(to.fullPath)
      return
    }
    reportAway()
    endWait()
    endWait = onReturn(() => {
      endWait()
      void router.push(to.fullPath)
    })
  }

  router.onError((error: unknown, to) => {
    const isMissing = error instanceof TypeError || String(error).includes('preload CSS')
    if (isMissing) void recover(to)
    else throw error
  })
  router.afterEach((_to, _from, failed) => {
    if (!failed) sessionStorage.removeItem(RELOADED)
  })
}

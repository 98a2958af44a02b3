import { nextTick } from 'vue'

import { visited } from './recent'

/** Names the window after the page, and after a navigation puts the focus on its head, which a screen reader then says. */
export function arrive(title: string | null, moved: boolean): void {
  document.title = title ? `${title} · Carehook` : 'Carehook'
  if (!moved) return
  void nextTick(() => {
    const head = document.querySelector<HTMLElement>('main h1') ?? document.querySelector<HTMLElement>('main')
    head?.focus({ preventScroll: true })
  })
}

/** Puts the name of the thing itself into the title of the window, "Portal · Webhooks · Carehook", and among what was looked at. */
export function titled(name: string, of: string): void {
  document.title = [name, of, 'Carehook'].join(' · ')
  visited({ path: location.pathname, name, of })
}

import { nextTick } from 'vue'

/** Names the window after the page, and after a navigation puts the focus on its head, which a screen reader then says. */
export function arrive(title: string | null, moved: boolean): void {
  document.title = title ? `${title} · Carehook` : 'Carehook'
  if (!moved) return
  void nextTick(() => {
    const head = document.querySelector<HTMLElement>('main h1') ?? document.querySelector<HTMLElement>('main')
    head?.focus({ preventScroll: true })
  })
}

/** Puts the name of the thing itself into the title of the window: "Portal · Webhooks · Carehook". */
export function titled(...names: (string | null | undefined)[]): void {
  document.title = [...names.filter(Boolean), 'Carehook'].join(' · ')
}

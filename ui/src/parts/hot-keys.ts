import { onScopeDispose } from 'vue'

/** A shortcut: `?`, `g n` (one after the other) or `mod+k`. */
export interface HotKey {
  keys: string
  label: string
  act: () => void
}

// How long `g` waits for what comes after it.
const SEQUENCE_MS = 1_200

const groups = new Set<() => readonly HotKey[]>()
let pending = ''
let timer: ReturnType<typeof setTimeout> | undefined
let listening = false

/** Keys that work while the caller is on screen; they are listed by `?`. */
export function useHotKeys(keys: () => readonly HotKey[]): void {
  groups.add(keys)
  if (!listening) {
    listening = true
    window.addEventListener('keydown', onKey)
  }
  onScopeDispose(() => groups.delete(keys))
}

/** All keys that work now, in the order in which they were named. */
export function hotKeys(): HotKey[] {
  return [...groups].flatMap((group) => [...group()])
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey) return
  const key = event.key.toLowerCase()
  const mod = event.ctrlKey || event.metaKey
  // In a field, and under a dialog, letters belong to what has the focus.
  if (!mod && (isTyping(event.target) || document.querySelector('dialog[open]'))) return
  const pressed = mod ? `mod+${key}` : key
  const known = hotKeys()
  const found = known.find((one) => one.keys === (pending ? `${pending} ${pressed}` : pressed)) ?? known.find((one) => one.keys === pressed)
  clearTimeout(timer)
  if (found) {
    pending = ''
    event.preventDefault()
    found.act()
    return
  }
  pending = known.some((one) => one.keys.startsWith(`${pressed} `)) ? pressed : ''
  timer = setTimeout(() => (pending = ''), SEQUENCE_MS)
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}

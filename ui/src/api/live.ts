import { onScopeDispose, readonly, ref } from 'vue'

import { reportAway } from './away'

/** What the server tells by itself. `missed` means: something was not told, ask again. */
export interface Note {
  kind: string
  data: Record<string, unknown>
}

type Watcher = (note: Note) => void

/** The kinds of notes that `/admin/live` sends; a new kind is one word here. */
const KINDS = ['attempt', 'webhook', 'event', 'delivery', 'rejection', 'alert', 'redrive', 'missed'] as const
export type NoteKind = (typeof KINDS)[number]

const WAIT_MIN = 1_000
const WAIT_MAX = 20_000

const state = ref<'off' | 'connecting' | 'on'>('off')
const watchers = new Set<{ kinds: Set<string>; tell: Watcher }>()
let source: EventSource | null = null
let timer: ReturnType<typeof setTimeout> | undefined
let wait = WAIT_MIN
let wasOn = false

/** How the one connection stands. */
export const liveState = readonly(state)

/** Tells of notes of these kinds, and of `missed`, while the caller is on screen. */
export function useLive(kinds: readonly NoteKind[], tell: Watcher): void {
  onScopeDispose(watchLive(kinds, tell))
}

/** As `useLive`, outside a component; the result ends it. */
export function watchLive(kinds: readonly NoteKind[], tell: Watcher): () => void {
  const watcher = { kinds: new Set<string>([...kinds, 'missed']), tell }
  watchers.add(watcher)
  if (!source && !timer) connect()
  return () => {
    watchers.delete(watcher)
    if (watchers.size === 0) disconnect()
  }
}

/** Ends the connection, at sign-out. */
export function disconnect(): void {
  clearTimeout(timer)
  timer = undefined
  source?.close()
  source = null
  wasOn = false
  state.value = 'off'
}

function connect(): void {
  timer = undefined
  state.value = 'connecting'
  const opened = new EventSource('/admin/live')
  source = opened
  opened.onopen = () => {
    state.value = 'on'
    wait = WAIT_MIN
    // What happened while the connection was down was told to nobody.
    if (wasOn) tell({ kind: 'missed', data: {} })
    wasOn = true
  }
  opened.onerror = () => {
    opened.close()
    if (source !== opened) return
    source = null
    state.value = 'connecting'
    if (wasOn) void fetch('/healthz', { cache: 'no-store' }).catch(reportAway)
    timer = setTimeout(connect, wait)
    wait = Math.min(wait * 2, WAIT_MAX)
  }
  for (const kind of KINDS) {
    opened.addEventListener(kind, (event) => tell({ kind, data: parsed((event as MessageEvent<string>).data) }))
  }
}

function tell(note: Note): void {
  for (const watcher of [...watchers]) if (watcher.kinds.has(note.kind)) watcher.tell(note)
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : { value }
  } catch {
    return {}
  }
}

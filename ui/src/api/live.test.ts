import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { disconnect, liveState, type Note, watchLive } from './live'

class Source {
  static all: Source[] = []
  onopen: (() => void) | null = null
  onerror: (() => void) | null = null
  closed = false
  private readonly listeners = new Map<string, (event: MessageEvent<string>) => void>()

  constructor(readonly url: string) {
    Source.all.push(this)
  }

  addEventListener(kind: string, tell: (event: MessageEvent<string>) => void) {
    this.listeners.set(kind, tell)
  }

  say(kind: string, data: string) {
    this.listeners.get(kind)?.({ data } as MessageEvent<string>)
  }

  close() {
    this.closed = true
  }
}

beforeEach(() => {
  vi.useFakeTimers()
  Source.all = []
  vi.stubGlobal('EventSource', Source)
  vi.stubGlobal('fetch', () => Promise.resolve(new Response()))
})
afterEach(() => {
  disconnect()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('all watchers share one connection, hear only their kinds, and the last to leave ends it', () => {
  const heard: string[] = []
  const ends = [watchLive(['attempt'], (note) => heard.push(`one ${note.kind}`)), watchLive(['webhook'], (note) => heard.push(`two ${note.kind}`))]
  expect(Source.all.map((source) => source.url)).toEqual(['/admin/live'])
  Source.all[0]!.say('attempt', '{}')
  Source.all[0]!.say('missed', '3')
  expect(heard).toEqual(['one attempt', 'one missed', 'two missed'])
  for (const end of ends) end()
  expect(Source.all[0]!.closed).toBe(true)
})

test('a lost connection comes back more and more slowly, and then tells that something was missed', () => {
  const heard: Note[] = []
  watchLive(['attempt'], (note) => heard.push(note))
  Source.all[0]!.onopen?.()
  expect([liveState.value, heard.length]).toEqual(['on', 0])
  Source.all[0]!.onerror?.()
  vi.advanceTimersByTime(1_000)
  Source.all[1]!.onerror?.()
  vi.advanceTimersByTime(1_000)
  expect([Source.all.length, liveState.value]).toEqual([2, 'connecting'])
  vi.advanceTimersByTime(1_000)
  Source.all[2]!.onopen?.()
  expect(heard).toEqual([{ kind: 'missed', data: {} }])
})

test('a note that cannot be read is a note without details', () => {
  const heard: Note[] = []
  watchLive(['event'], (note) => heard.push(note))
  Source.all[0]!.say('event', 'not json')
  expect(heard).toEqual([{ kind: 'event', data: {} }])
})

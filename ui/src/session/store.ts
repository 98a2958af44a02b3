import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'

import { forgetAll } from '@/api/cache'
import { api, bindSession, content } from '@/api/client'
import { disconnect } from '@/api/live'
import { Problem } from '@/api/problem'
import type { components } from '@/api/schema'

type Session = components['schemas']['Session']

export type Proof = { key: string } | { link: string }

const LOOK_AFTER_MS = 1_000

// Who may change things; what a role may do beyond that, the server says by 403.
const WRITERS = new Set(['admin', 'engineer', 'practice-admin'])
const REVEALERS = new Set(['admin', 'engineer'])

/** Who is signed in. It outlives every screen; everything else is a query. */
export const useSession = defineStore('session', () => {
  const who = shallowRef<Session | null>(null)
  const state = ref<'unknown' | 'in' | 'out'>('unknown')
  /** Signed in before, and not by their own wish any more. */
  const expired = ref(false)

  let timer: ReturnType<typeof setTimeout> | undefined

  function enter(session: Session) {
    who.value = session
    state.value = 'in'
    expired.value = false
    bindSession({ csrf: session.csrf, ended: expire, stale: () => void look() })
    clearTimeout(timer)
    timer = setTimeout(look, Math.max(Date.parse(session.expiresAt) - Date.now(), 0) + LOOK_AFTER_MS)
  }

  function leave() {
    clearTimeout(timer)
    who.value = null
    state.value = 'out'
    bindSession(null)
    disconnect()
    forgetAll()
  }

  function expire() {
    if (state.value !== 'in') return
    leave()
    expired.value = true
  }

  /** Asks how the session stands, which does not keep it open: what nobody looks at any more is not left on a screen. */
  async function look(): Promise<void> {
    const session = await content(api.GET('/session')).catch(() => null)
    if (session && state.value === 'in') enter(session)
  }

  /** Takes up the session that the browser holds, if there is one. */
  async function resume(): Promise<void> {
    if (state.value !== 'unknown') return
    try {
      enter(await content(api.GET('/session')))
    } catch (error) {
      // Away is not signed out: the next navigation asks again.
      if (error instanceof Problem) leave()
      else throw error
    }
  }

  async function signIn(proof: Proof): Promise<void> {
    const session = await content(api.POST('/session', { body: proof }))
    forgetAll()
    enter(session)
  }

  async function signOut(): Promise<void> {
    try {
      await api.DELETE('/session')
    } finally {
      leave()
      expired.value = false
    }
  }

  return {
    who,
    state,
    expired,
    mayWrite: computed(() => WRITERS.has(who.value?.role ?? '')),
    /** Read what is about people, with a reason. */
    mayReveal: computed(() => REVEALERS.has(who.value?.role ?? '')),
    resume,
    signIn,
    signOut,
    expire,
  }
})

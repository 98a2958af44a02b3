import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'

import { forgetAll } from '@/api/cache'
import { bindSession, raw } from '@/api/client'
import { disconnect } from '@/api/live'
import { Problem } from '@/api/problem'

/** Who is signed in, as `/session` answers. */
export interface Session {
  actor: string
  role: string
  organisation: { id: string; name: string }
  csrf: string
  expiresAt: string
  dev: boolean
}

export type Proof = { key: string } | { link: string }

// Who may change things; what a role may do beyond that, the server says by 403.
const WRITERS = new Set(['admin', 'engineer', 'practice-admin'])

/** Who is signed in. It outlives every screen; everything else is a query. */
export const useSession = defineStore('session', () => {
  const who = shallowRef<Session | null>(null)
  const state = ref<'unknown' | 'in' | 'out'>('unknown')
  /** Signed in before, and not by their own wish any more. */
  const expired = ref(false)

  function enter(session: Session) {
    who.value = session
    state.value = 'in'
    expired.value = false
    bindSession(session.csrf, expire)
  }

  function leave() {
    who.value = null
    state.value = 'out'
    bindSession('', () => {})
    disconnect()
    forgetAll()
  }

  function expire() {
    if (state.value !== 'in') return
    leave()
    expired.value = true
  }

  /** Takes up the session that the browser holds, if there is one. */
  async function resume(): Promise<void> {
    if (state.value !== 'unknown') return
    try {
      enter(await raw<Session>('GET', '/session'))
    } catch (error) {
      // Away is not signed out: the next navigation asks again.
      if (error instanceof Problem) leave()
      else throw error
    }
  }

  async function signIn(proof: Proof): Promise<void> {
    const session = await raw<Session>('POST', '/session', proof)
    forgetAll()
    enter(session)
  }

  async function signOut(): Promise<void> {
    try {
      await raw<void>('DELETE', '/session')
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
    resume,
    signIn,
    signOut,
    expire,
  }
})

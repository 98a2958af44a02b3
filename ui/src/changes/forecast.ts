import { ref, shallowRef } from 'vue'

import { api, content } from '@/api/client'
import type { components } from '@/api/schema'

type Schemas = components['schemas']
export type Forecast = Schemas['ChangePreviewResult']
export type Sample = Schemas['ChangePreviewSample']
export type Verdict = Schemas['ChangePreviewVerdict']

/** Without the change and with it; none where nothing was decided. */
export interface Both {
  before?: Verdict | null
  after?: Verdict | null
}

/** A change that nobody has made yet: of exactly one thing. */
export type Change = Pick<Schemas['ChangePreview'], 'trigger' | 'mapping' | 'webhook'>

/** A part of the time; without an end, until now. */
export interface Part {
  from: string
  to?: string
}

/** Asks what a change would make of what is stored; one question at a time, the one before is given up. */
export function useForecast(change: () => Change) {
  const forecast = shallowRef<Forecast | null>(null)
  const failure = shallowRef<Error | null>(null)
  const busy = ref(false)
  let abort = new AbortController()

  async function ask(part: Part): Promise<void> {
    stop()
    abort = new AbortController()
    const { signal } = abort
    busy.value = true
    failure.value = null
    forecast.value = null
    try {
      const found = await content(api.POST('/admin/changes/preview', { body: { ...change(), ...part }, signal }))
      if (!signal.aborted) forecast.value = found
    } catch (error) {
      if (!signal.aborted) failure.value = error as Error
    } finally {
      if (!signal.aborted) busy.value = false
    }
  }

  /** Gives the question up: the server stops too. */
  function stop(): void {
    abort.abort()
    busy.value = false
  }

  return { forecast, failure, busy, ask, stop }
}

/** Whether something decides otherwise, or for other reasons. */
export const differs = (both: Both) => both.before?.outcome !== both.after?.outcome || clausesThatDiffer(both).length > 0

/** What stands in both verdicts and came to something else, or in one of them only. */
export function clausesThatDiffer({ before, after }: Both) {
  const of = (verdict: Both['before']) => new Map((verdict?.clauses ?? []).map((clause) => [clause.text, clause.result]))
  const [then, now] = [of(before), of(after)]
  const texts = [...new Set([...then.keys(), ...now.keys()])]
  return texts.filter((text) => then.get(text) !== now.get(text)).map((text) => ({ text, before: then.get(text) ?? null, after: now.get(text) ?? null }))
}

import { computed, ref, shallowRef } from 'vue'

import { Problem } from '@/api/problem'
import { textOr } from '@/i18n'
import { type Meanwhile, meanwhile, onTop } from '@/parts/meanwhile'

import { type Draft, draftOf, wishOf } from './draft'
import { useWebhookStore } from './store'
import type { Watched } from './watched'

// Members of a draft that the texts of the form know by another name.
const LABELS: Partial<Record<string, string>> = { authKind: 'auth', headers: 'authHeaders', retryKind: 'retry' }

/** The name of a member of the form, as people read it. */
export const labelOf = (key: string): string => textOr(`webhooks.${LABELS[key] ?? key}`, key)

/** Changing a webhook from how it is now. If somebody else changes it meanwhile, nothing is overwritten unseen. */
export function useRevision(webhookId: string) {
  const store = useWebhookStore()
  const base = shallowRef<Watched | null>(null)
  const draft = ref<Draft | null>(null)
  const failure = shallowRef<Error | null>(null)
  const theirs = shallowRef<Watched | null>(null)
  const changes = shallowRef<readonly Meanwhile[]>([])
  const dirty = computed(() => !!base.value && JSON.stringify(draft.value) !== JSON.stringify(draftOf(base.value)))

  function begin(from: Watched) {
    base.value = from
    draft.value = draftOf(from)
    theirs.value = null
  }

  async function read(): Promise<void> {
    failure.value = null
    try {
      begin(await store.readOne(webhookId))
    } catch (error) {
      failure.value = error as Error
    }
  }

  /** Saves; true if it was. */
  async function save(): Promise<boolean> {
    if (!base.value || !draft.value) return false
    failure.value = null
    try {
      begin(await store.update(webhookId, wishOf(draft.value, base.value), base.value.version))
      return true
    } catch (error) {
      if (error instanceof Problem && error.code === 'precondition_failed') return collide(draft.value, base.value)
      failure.value = error as Error
      return false
    }
  }

  async function collide(mine: Draft, from: Watched): Promise<boolean> {
    try {
      const now = await store.readOne(webhookId)
      changes.value = meanwhile(draftOf(from), draftOf(now), mine)
      theirs.value = now
      // Paused or resumed, or given a new secret: nothing that this form would undo.
      return changes.value.length === 0 && (await saveMine())
    } catch (error) {
      failure.value = error as Error
      return false
    }
  }

  function takeTheirs(): void {
    if (theirs.value) begin(theirs.value)
  }

  /** Saves one's own changes on top of theirs. */
  async function saveMine(): Promise<boolean> {
    if (!theirs.value || !base.value || !draft.value) return false
    draft.value = onTop(draftOf(base.value), draftOf(theirs.value), draft.value)
    base.value = theirs.value
    theirs.value = null
    return save()
  }

  return { base, draft, dirty, failure, theirs, changes, read, save, takeTheirs, saveMine }
}

import type { components } from '@/api/schema'

import type { Course } from './course'
import { type Log, unread } from './log'

export type Webhook = components['schemas']['Webhook']
export type Health = components['schemas']['WebhookStatus']
export type Challenge = components['schemas']['WebhookChallenge']
export type Owner = components['schemas']['Integration']
export type Preview = components['schemas']['WebhookPreview']
export type TestResult = components['schemas']['TestResult']

/** A webhook, how it does, its course and the calls to it; what is null was not asked for yet. */
export type Watched = Webhook & {
  /** Whose figures are told: in a test integration those of tests, which is all that it raises. */
  environment: 'live' | 'test'
  health: Health | null
  course: Course | null
  /** The version that a change of it names; null where it is not known. */
  version: string | null
  log: Log
}

/** The last call to it failed; it may still be given more. */
export function isFailing(health: Health | null): boolean {
  const { lastFailureAt: failure, lastSuccessAt: success } = health ?? {}
  return !!failure && (!success || failure > success)
}

/** What events are about. */
export interface ObjectType {
  name: string
  /** The vendor tells of it by no webhook, and fetching it is not supported yet. */
  polled: boolean
}

/** A webhook with what is known of it besides its settings. */
export function watched(webhook: Webhook, before?: Watched): Watched {
  const { environment = 'live', health = null, course = null, log = unread() } = before ?? {}
  return { ...webhook, environment, health, course, log, version: null }
}

/** What the events of an integration are about. */
export function objectTypes(owner: { objectTypes: string[]; polled?: { objectType: string }[] }): ObjectType[] {
  const polled = (owner.polled ?? []).map((one) => ({ name: one.objectType, polled: true }))
  return [...owner.objectTypes.map((name) => ({ name, polled: false })), ...polled]
}

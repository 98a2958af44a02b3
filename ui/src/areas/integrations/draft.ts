import type { PresetField } from '@/api/lists'

import type { Integration, Settings } from './integration'
import { type PollDraft, freshPoll, pollOf, pollSettings } from './poll'
import { type PortDraft, freshPort, portOf, portSettings } from './port'

/** An integration as it is being typed. */
export interface Draft {
  kind: string
  name: string
  environment: 'live' | 'test'
  /** Empty is the server's own. */
  region: '' | 'us' | 'eu' | 'uk'
  timeZone: string | null
  fhirVersion: string
  allow: string
  /** A span such as `2h`; empty is as its past tells. */
  silentAfter: string
  hasPort: boolean
  port: PortDraft
  /** Whether Subscriptions in error are woken by the server. */
  autoRecover: boolean
  hasPoll: boolean
  /** Paths, one in a line. */
  fields: { drop: string; accept: string }
  poll: PollDraft
  /** What the preset asks for, by the names of its fields. */
  preset: Record<string, string>
}

const lines = (text: string) => text.split(/[\s,]+/).filter(Boolean)

/** A new one of a kind. */
export function fresh(kind: string, name: string, zone: string): Draft {
  return {
    kind,
    name,
    environment: 'live',
    region: '',
    timeZone: zone,
    fhirVersion: '4.0.1',
    allow: '',
    silentAfter: '',
    hasPort: kind === 'hl7v2',
    port: freshPort(),
    autoRecover: false,
    hasPoll: false,
    poll: freshPoll(),
    fields: { drop: '', accept: '' },
    preset: {},
  }
}

/** What there is, to be changed. Secrets are never told: left empty, they stay. */
export function draftOf(one: Integration): Draft {
  const fields = one.fields as { drop?: string[]; accept?: string[] } | null | undefined
  const given = Object.entries(one.preset ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return {
    kind: one.kind,
    name: one.name,
    environment: one.environment === 'test' ? 'test' : 'live',
    region: one.region as Draft['region'],
    timeZone: one.timeZone,
    fhirVersion: one.fhirVersion,
    allow: one.allow.join('\n'),
    silentAfter: one.silentAfter ?? '',
    hasPort: Boolean(one.mllp),
    port: one.mllp ? portOf(one.mllp) : freshPort(),
    autoRecover: one.autoRecover,
    hasPoll: Boolean(one.poll),
    poll: one.poll ? pollOf(one.poll) : freshPoll(),
    fields: { drop: (fields?.drop ?? []).join('\n'), accept: (fields?.accept ?? []).join('\n') },
    preset: Object.fromEntries(given),
  }
}

/** The body of the call. */
export function settingsOf(draft: Draft, fields: readonly PresetField[]): Settings {
  const settings: Settings = {
    name: draft.name,
    kind: draft.kind,
    environment: draft.environment,
    allow: lines(draft.allow),
    fhirVersion: draft.fhirVersion,
    autoRecover: draft.autoRecover,
    fields: { drop: lines(draft.fields.drop), accept: lines(draft.fields.accept) },
  }
  if (draft.region) settings.region = draft.region
  if (draft.timeZone) settings.timeZone = draft.timeZone
  if (draft.silentAfter.trim()) settings.silentAfter = draft.silentAfter.trim()
  if (draft.kind === 'hl7v2' && draft.hasPort) settings.mllp = portSettings(draft.port)
  if (draft.kind === 'fhir' && draft.hasPoll) settings.poll = pollSettings(draft.poll)
  if (fields.length > 0) settings.preset = presetOf(draft, fields) as Settings['preset']
  return settings
}

/** A secret with several lines is several keys, the newest first. */
function presetOf(draft: Draft, fields: readonly PresetField[]): Record<string, string | string[]> {
  const given: Record<string, string | string[]> = {}
  for (const { name, secret } of fields) {
    const text = draft.preset[name]?.trim()
    if (!text) continue
    const keys = text.split('\n').map((key) => key.trim()).filter(Boolean)
    given[name] = secret && keys.length > 1 ? keys : text
  }
  return given
}

import type { Trigger, TriggerSettings } from './triggers'

export const WAYS = ['threshold', 'fhirPath', 'query', 'eventCodes'] as const
export type Way = (typeof WAYS)[number]
/** What a trigger looks at. */
export const SIGHTS = ['changes', 'events'] as const
export const KINDS = ['usual', 'each', 'crossing', 'change', 'count', 'absence'] as const
export type Kind = (typeof KINDS)[number]

/** A trigger as the form holds it: numbers are texts, so that half of one can stand there. */
export interface Fields {
  name: string
  integrationId: string | null
  sight: string
  resourceType: string
  onEventTypes: string[]
  eventType: string | null
  way: string
  fhirPath: string
  previous: string
  current: string
  resultForCreate: string
  resultForDelete: string
  requireBoth: boolean
  eventCodes: string
  code: string
  comparator: string
  value: string
  unit: string
  interactions: string[]
  /** One member in a line: its name, a colon, an expression. */
  enrich: string
  lane: string
  kind: string
  rearm: string
  hold: string
  quiet: string
  of: string
  direction: string
  amount: string
  percent: string
  within: string
  times: string
  last: string
  until: string[]
  active: boolean
}

export function fieldsOf(trigger: Trigger | null): Fields {
  const { query, threshold, state } = trigger ?? {}
  const text = (value: unknown) => (value === null || value === undefined ? '' : String(value))
  return {
    name: trigger?.name ?? '',
    integrationId: trigger?.integrationId ?? null,
    sight: trigger?.onEventTypes?.length ? 'events' : 'changes',
    resourceType: trigger?.resourceType ?? 'Observation',
    onEventTypes: [...(trigger?.onEventTypes ?? [])],
    eventType: trigger?.eventType ?? null,
    way: trigger ? (threshold ? 'threshold' : trigger.fhirPath ? 'fhirPath' : query ? 'query' : 'eventCodes') : 'threshold',
    fhirPath: trigger?.fhirPath ?? '',
    previous: query?.previous ?? '',
    current: query?.current ?? '',
    resultForCreate: query?.resultForCreate ?? 'test-fails',
    resultForDelete: query?.resultForDelete ?? 'test-fails',
    requireBoth: query?.requireBoth ?? true,
    eventCodes: (trigger?.eventCodes ?? []).join(', '),
    code: threshold?.code ?? '',
    comparator: threshold?.comparator ?? '<',
    value: text(threshold?.value),
    unit: threshold?.unit ?? '',
    interactions: [...(trigger?.interactions ?? ['create', 'update'])],
    enrich: Object.entries(trigger?.enrich ?? {}).map(([name, expression]) => `${name}: ${expression}`).join('\n'),
    lane: trigger?.lane ?? 'urgent',
    kind: state?.kind ?? 'usual',
    rearm: state?.rearm ?? '',
    hold: state?.hold ?? '',
    quiet: state?.quiet ?? '',
    of: state?.value ?? '',
    direction: state?.direction ?? 'rise',
    amount: state?.amount ?? '',
    percent: text(state?.percent),
    within: state?.within ?? '',
    times: text(state?.times ?? 3),
    last: text(state?.of ?? 5),
    until: [...(state?.until ?? [])],
    active: trigger?.active ?? true,
  }
}

const list = (text: string) => text.split(/[\s,;]+/).filter(Boolean)
// Nothing typed is told by the server as missing, not taken for 0.
const number = (text: string) => (text.trim() === '' ? undefined : Number(text.replace(',', '.')))
// What has no colon is sent as it is, so that the server says what is wrong with it.
const members = (text: string) =>
  Object.fromEntries(
    text.split('\n').filter((line) => line.trim()).map((line) => {
      const [name = '', ...rest] = line.split(':')
      return [name.trim(), rest.join(':').trim()]
    }),
  )
const given = (text: string) => text.trim() || undefined

/** The settings that the fields mean; what the chosen way has no use for is left out. */
export function settingsOf(fields: Fields, before: Trigger | null = null): TriggerSettings {
  const isOverEvents = fields.sight === 'events'
  // Over events nothing but an expression says when it fires, and every one is new.
  const way: Way = isOverEvents ? 'fhirPath' : (fields.way as Way)
  return {
    name: fields.name,
    integrationId: fields.integrationId,
    ...(isOverEvents ? { onEventTypes: fields.onEventTypes } : { resourceType: fields.resourceType.trim(), interactions: fields.interactions }),
    eventType: fields.eventType,
    ...(way === 'fhirPath' && { fhirPath: fields.fhirPath, ...(before?.fhirPath && before.query && { query: before.query }) }),
    ...(way === 'query' && {
      query: {
        previous: given(fields.previous),
        current: given(fields.current),
        resultForCreate: fields.resultForCreate,
        resultForDelete: fields.resultForDelete,
        requireBoth: fields.requireBoth,
      },
    }),
    ...(way === 'eventCodes' && { eventCodes: list(fields.eventCodes) }),
    ...(way === 'threshold' && {
      threshold: { code: fields.code.trim(), comparator: fields.comparator, value: number(fields.value) as number, unit: fields.unit.trim() },
    }),
    lane: fields.lane,
    state: state(fields),
    enrich: members(fields.enrich),
    active: fields.active,
  }
}

function state(fields: Fields): NonNullable<TriggerSettings['state']> {
  switch (fields.kind as Kind) {
    case 'usual':
      return {}
    case 'each':
      return { kind: 'each' }
    case 'crossing':
      return { kind: 'crossing', rearm: given(fields.rearm), hold: given(fields.hold), quiet: given(fields.quiet) }
    case 'change':
      return {
        kind: 'change',
        value: given(fields.of),
        direction: fields.direction,
        amount: given(fields.amount),
        percent: number(fields.percent),
        within: fields.within,
      }
    case 'count':
      return { kind: 'count', times: number(fields.times), of: number(fields.last), within: given(fields.within) }
    case 'absence':
      return { kind: 'absence', within: fields.within, until: fields.until }
  }
}

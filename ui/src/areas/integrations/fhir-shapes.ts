/** A Subscription, whichever version of FHIR it was written in. */
export interface Subscription {
  id: string
  status: string
  topic: string
  /** Conditions, each as `Observation?patient=Patient/123`. */
  filters: string[]
  /** How the client is told: `rest-hook` or `websocket`. */
  channel: string
  /** Where it is called; nowhere if it listens. */
  endpoint: string
  /** `empty`, `id-only` or `full-resource`. */
  content: string
  /** Seconds of silence after which a heartbeat is sent. */
  heartbeat: number | null
  end: string | null
  reason: string
}

/** How a Subscription stands. */
export interface Standing {
  /** Events that were numbered since it began. */
  events: number
  error: string | null
}

/** What a client may subscribe to. */
export interface Topic {
  id: string
  url: string
  title: string
  description: string
  /** Types of resource that it tells of. */
  resources: string[]
  /** Search parameters that it can be filtered by. */
  filters: string[]
}

type Resource = Record<string, unknown>
type Extension = { url: string; extension?: Extension[] } & Record<string, unknown>

export interface Bundle {
  entry?: { resource: Resource }[]
}

export const resources = (bundle: Bundle): Resource[] => (bundle.entry ?? []).map((one) => one.resource)

const text = (value: unknown) => (typeof value === 'string' ? value : '')
const lastPart = (value: unknown) => text(value).split('/').at(-1) ?? ''

/** What stands in the extensions whose URL ends with a name. */
function extended(holder: unknown, name: string): unknown[] {
  const all = (holder as { extension?: Extension[] } | undefined)?.extension ?? []
  return all.filter((one) => one.url === name || one.url.endsWith(name)).map((one) => one.extension ?? valueOf(one))
}

function valueOf(of: object): unknown {
  return Object.entries(of).find(([name]) => name.startsWith('value'))?.[1]
}

/** Reads R5, and R4 and R4B with the extensions of the backport. */
export function subscription(from: Resource): Subscription {
  const channel = from.channel as Resource | undefined
  const common = { id: text(from.id), status: text(from.status), reason: text(from.reason), end: text(from.end) || null }
  if (!channel) {
    const filters = (from.filterBy ?? []) as { resourceType?: string; filterParameter: string; modifier?: string; comparator?: string; value: string }[]
    const said = (one: (typeof filters)[number]) => `${one.resourceType ? `${one.resourceType}?` : ''}${one.filterParameter}${one.modifier ? `:${one.modifier}` : ''}=${one.comparator ?? ''}${one.value}`
    return { ...common, topic: text(from.topic), filters: filters.map(said), channel: text((from.channelType as Resource | undefined)?.code), endpoint: text(from.endpoint), content: text(from.content), heartbeat: Number(from.heartbeatPeriod) || null }
  }
  return {
    ...common,
    topic: text(from.criteria),
    filters: extended(from._criteria, 'backport-filter-criteria').map(text),
    channel: text(channel.type),
    endpoint: text(channel.endpoint),
    content: text(extended(channel._payload, 'backport-payload-content')[0]),
    heartbeat: Number(extended(channel, 'backport-heartbeat-period')[0]) || null,
  }
}

/** Reads one answer of `$status`: the id of the Subscription, and how it stands. */
export function standing(from: Resource): [id: string, Standing] {
  const said = from.resourceType === 'Parameters' ? named(from) : from
  const errors = [said.error].flat().filter(Boolean) as { coding?: { code?: string }[] }[]
  const { reference } = (said.subscription ?? {}) as { reference?: string }
  return [lastPart(reference), { events: Number(said.eventsSinceSubscriptionStart ?? 0), error: errors[0]?.coding?.[0]?.code ?? null }]
}

/** R4 says as Parameters what later versions say as members. */
function named(from: Resource): Resource {
  const given = from.parameter as ({ name: string } & Resource)[]
  const camel = (name: string) => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  return Object.fromEntries(given.map((one) => [camel(one.name), valueOf(one)]))
}

/** Reads a SubscriptionTopic, or the Basic that stands for it in R4. */
export function topic(from: Resource): Topic {
  const said = from.resourceType === 'Basic' ? unfolded(from) : from
  const list = (name: string) => (said[name] ?? []) as Resource[]
  const different = (values: string[]) => [...new Set(values)]
  return {
    id: text(from.id),
    url: text(said.url),
    title: text(said.title),
    description: text(said.description),
    resources: different(list('resourceTrigger').map((one) => lastPart(one.resource))),
    filters: different(list('canFilterBy').map((one) => text(one.filterParameter))),
  }
}

function unfolded(from: Resource): Resource {
  const simple = (name: string) => extended(from, `SubscriptionTopic.${name}`)[0]
  const lists = (name: string) => extended(from, `SubscriptionTopic.${name}`).map((parts) => Object.fromEntries((parts as Extension[]).map((part) => [part.url, valueOf(part)])))
  return { url: simple('url'), title: simple('title'), description: simple('description'), resourceTrigger: lists('resourceTrigger'), canFilterBy: lists('canFilterBy') }
}

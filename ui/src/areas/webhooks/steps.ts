/** The steps of the form, in the order in which they are asked. */
export const STEPS = ['url', 'events', 'scope', 'security', 'delivery'] as const
export type StepName = (typeof STEPS)[number]

const OF: Record<string, StepName> = {
  name: 'url',
  url: 'url',
  eventTypes: 'events',
  objectTypes: 'scope',
  objectIds: 'scope',
  filter: 'scope',
  sources: 'scope',
  ordering: 'scope',
  acceptTest: 'scope',
  auth: 'security',
  signing: 'security',
  tls: 'security',
}

/** The step that holds a member, given as a JSON pointer. */
export function stepOf(field: string): StepName {
  return OF[field.split('/')[1] ?? ''] ?? 'delivery'
}

import { hasLane, hasType, ofSources, type Rule, type RuleSettings } from './alerts'

/** A rule as the form holds it: every field a text, so that half of a number can stand there. */
export interface RuleFields {
  name: string
  on: string
  threshold: string
  window: string
  severity: string
  webhookId: string | null
  integrationId: string | null
  eventType: string
  lane: string
  emails: string
  notified: string | null
  active: boolean
}

// What a new rule begins with: sensible for each signal, and to be changed.
export const THRESHOLDS: Record<string, string> = {
  latency: '800',
  success_rate: '95',
  backlog_age: '90',
  dead_letters: '0',
  webhook_state: '0',
  silent_source: '3600',
  rejections: '10',
  signature_failures: '5',
  undecided_triggers: '0',
  certificate_expiry: '14',
}

export function fieldsOf(rule: Rule | null): RuleFields {
  const email = rule?.notify.find((one) => one.kind === 'email')
  return {
    name: rule?.name ?? '',
    on: rule?.on ?? 'latency',
    threshold: rule ? String(rule.threshold) : THRESHOLDS.latency!,
    window: rule?.window ?? '5m',
    severity: rule?.severity ?? 'warning',
    webhookId: rule?.scope.webhookId ?? null,
    integrationId: rule?.scope.integrationId ?? null,
    eventType: rule?.scope.eventType ?? '',
    lane: rule?.scope.lane ?? '',
    emails: (email?.to ?? []).join('\n'),
    notified: rule?.notify.find((one) => one.kind === 'webhook')?.webhookId ?? null,
    active: rule?.active ?? true,
  }
}

/** The settings that the fields mean; what a signal has no use for is left out. `before` keeps what the form cannot show. */
export function settingsOf(fields: RuleFields, before: Rule | null = null): RuleSettings {
  const emails = fields.emails.split(/[\s,;]+/).filter(Boolean)
  const others = (before?.notify.filter((one) => one.kind === 'webhook') ?? []).slice(1)
  const notify: NonNullable<RuleSettings['notify']> = []
  if (emails.length) notify.push({ kind: 'email', to: emails })
  if (fields.notified) notify.push({ kind: 'webhook', webhookId: fields.notified })
  return {
    name: fields.name,
    on: fields.on,
    // Nothing typed is told by the server as missing, not taken for 0.
    threshold: fields.on === 'webhook_state' || fields.threshold.trim() === '' ? null : Number(fields.threshold.replace(',', '.')),
    window: fields.window,
    severity: fields.severity,
    scope: {
      ...(fields.webhookId && !ofSources(fields.on) && { webhookId: fields.webhookId }),
      ...(fields.integrationId && { integrationId: fields.integrationId }),
      ...(fields.eventType.trim() && hasType(fields.on) && { eventType: fields.eventType.trim() }),
      ...(fields.lane && hasLane(fields.on) && { lane: fields.lane }),
    },
    notify: [...notify, ...others],
    active: fields.active,
  }
}

import { api, content } from '@/api/client'
import { readIntegrations } from '@/api/lists'
import { useQuery } from '@/api/query'
import type { components } from '@/api/schema'
import { whole } from '@/api/whole'
import { t } from '@/i18n'
import { span } from '@/parts/time'
import type { Tone } from '@/parts/tone'

type Schemas = components['schemas']
export type Rule = Schemas['AlertRule']
export type RuleSettings = Schemas['AlertRuleSettings']
export type Alert = Schemas['Alert']

export const SIGNALS = [
  'latency',
  'success_rate',
  'backlog_age',
  'dead_letters',
  'webhook_state',
  'silent_source',
  'rejections',
  'signature_failures',
  'undecided_triggers',
  'certificate_expiry',
] as const
export type Signal = (typeof SIGNALS)[number]

/** Signals whose targets are integrations only; the others are of webhooks, certificates of ports too. */
export const ofSources = (on: string) => ['silent_source', 'rejections', 'signature_failures', 'undecided_triggers'].includes(on)
const CALLS = ['latency', 'success_rate']
export const hasType = (on: string) => CALLS.includes(on)
export const hasLane = (on: string) => [...CALLS, 'backlog_age'].includes(on)
/** Signals that are measured over a span; the others are a state of now. */
export const hasWindow = (on: string) => [...CALLS, 'dead_letters', 'rejections', 'signature_failures', 'undecided_triggers'].includes(on)
const isBelow = (on: string) => ['success_rate', 'certificate_expiry'].includes(on)

export const severityTone = (severity: string): Tone => ({ critical: 'bad', warning: 'warn', info: 'info' } as const)[severity] ?? 'idle'

/** A value of a signal with its unit. */
export function amount(on: string | null | undefined, value: number): string {
  if (on === 'latency') return span(value)
  if (on === 'backlog_age' || on === 'silent_source') return span(value * 1_000)
  if (on === 'success_rate') return `${Number(value.toFixed(2))} %`
  if (on === 'certificate_expiry') return t('monitoring.days', {}, Math.floor(value))
  return String(Number(value.toFixed(2)))
}

/** When a rule holds, in words: "above 800 ms over 5m". */
export function condition(rule: Pick<Rule, 'on' | 'threshold' | 'window'>): string {
  if (rule.on === 'webhook_state') return t('monitoring.whenDisabled')
  const value = amount(rule.on, rule.threshold)
  const words = t(isBelow(rule.on) ? 'monitoring.below' : 'monitoring.above', { value })
  return hasWindow(rule.on) ? t('monitoring.within', { words, window: rule.window }) : words
}

/** Every rule of the organisation. */
export function useRules() {
  return useQuery('alert-rules', (signal) => whole((after) => content(api.GET('/admin/alert-rules', { params: { query: { limit: '250', after } }, signal }))))
}

/** Whether a pattern of event types takes one in: itself, a prefix with `.*`, or `*`. */
export function matches(pattern: string | null | undefined, type: string): boolean {
  if (!pattern || pattern === '*') return true
  return pattern.endsWith('.*') ? type.startsWith(pattern.slice(0, -1)) : pattern === type
}

/** The strictest line that the rules draw for attempts of a type at a webhook. */
export function latencyLine(rules: readonly Rule[], whose: { webhookId?: string; eventType?: string }): number | null {
  const lines = rules
    .filter((rule) => rule.active && rule.on === 'latency')
    .filter(({ scope }) => !scope.webhookId || scope.webhookId === whose.webhookId)
    .filter(({ scope }) => !scope.eventType || (whose.eventType != null && matches(scope.eventType, whose.eventType)))
    .map((rule) => rule.threshold)
  return lines.length ? Math.min(...lines) : null
}

/** Webhooks and integrations by name, to choose from and to name them. */
export function useNames(when: () => boolean = () => true) {
  return useQuery(
    'integrations with webhooks',
    async (signal) => {
      const data = await readIntegrations(signal)
      const lists = await Promise.all(
        data.map(({ id }) => content(api.GET('/admin/integration/{id}/webhooks', { params: { path: { id } }, signal }))),
      )
      return {
        integrations: data.map(({ id, name }) => ({ value: id, label: name })),
        webhooks: lists.flat().map(({ id, name, integrationId }) => ({
          value: id,
          label: name,
          hint: data.find((one) => one.id === integrationId)?.name,
        })),
      }
    },
    { fresh: 60_000, when },
  )
}

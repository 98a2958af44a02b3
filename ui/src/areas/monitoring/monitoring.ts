import { api, content } from '@/api/client'
import { useQuery } from '@/api/query'
import type { components } from '@/api/schema'
import { whole } from '@/api/whole'
import type { Series } from '@/parts/chart'
import { environment } from '@/session/figures'

type Schemas = components['schemas']
export type MonitoredWebhook = Schemas['MonitoredWebhook']
export type MonitoredType = Schemas['MonitoredType']
export type MonitoringPoint = Schemas['MonitoringPoint']
export type LaneHistory = Schemas['LaneHistory']

/** The spans that can be looked at, by the name that stands in the address. */
export const WINDOWS = { '6h': 6, '24h': 24, '3d': 72, '7d': 168 } as const
export type Window = keyof typeof WINDOWS

/** Where a span begins; minutes are left out, so that asking again within one is the same question. */
export function from(window: Window): string {
  const minute = Math.floor(Date.now() / 60_000) * 60_000
  return new Date(minute - WINDOWS[window] * 3_600_000).toISOString()
}

/** What the attempts at every webhook added up to. */
export function useMonitored(window: () => Window) {
  return useQuery(
    () => `monitoring webhooks ${window()} ${environment.value}`,
    (signal) => {
      const asked = { limit: '250', from: from(window()), environment: environment.value }
      return whole<MonitoredWebhook>((after) => content(api.GET('/admin/monitoring/webhooks', { params: { query: { ...asked, after } }, signal })))
    },
    { every: 30_000 },
  )
}

/** Whose course is asked for; left out, all. */
export interface Whose {
  webhookId?: string
  eventType?: string
}

/** The course of attempts, hour by hour. */
export function useCourse(window: () => Window, whose: () => Whose, when: () => boolean = () => true) {
  return useQuery(
    () => `monitoring series ${window()} ${environment.value} ${whose().webhookId ?? '-'} ${whose().eventType ?? '-'}`,
    (signal) => content(api.GET('/admin/monitoring/series', { params: { query: { ...whose(), from: from(window()), environment: environment.value } }, signal })),
    { every: 60_000, when },
  )
}

/** The course of each lane. Minutes are kept for two days. */
export function useLanes(window: () => Window) {
  return useQuery(
    () => `monitoring lanes ${window()} ${environment.value}`,
    (signal) => content(api.GET('/admin/monitoring/lanes', { params: { query: { from: from(window()), environment: environment.value } }, signal })),
    { every: 30_000 },
  )
}

const CLASSES = ['2xx', '3xx', '4xx', '5xx', '1xx', 'none'] as const

/** Attempts by class of the answer; classes that never came are left out. */
export function statusSeries(points: readonly MonitoringPoint[], none: string): Series[] {
  return CLASSES.filter((name) => points.some((point) => (point.statuses[name] ?? 0) > 0)).map((name) => ({
    label: name === 'none' ? none : name,
    values: points.map((point) => point.statuses[name] ?? 0),
    mark: ({ '2xx': 4, '3xx': 3, '4xx': 2, '5xx': 5, '1xx': 6, none: 6 } as const)[name],
  }))
}

export const seconds = (points: readonly { at: string }[]) => points.map((point) => Date.parse(point.at) / 1000)

import { api, content } from '@/api/client'
import type { components } from '@/api/schema'

export type Minute = components['schemas']['MonitoringPoint']

/** How far back a course begins, by the name of its span. */
export const SPANS = { '1h': 1, '6h': 6 } as const
export type SpanName = keyof typeof SPANS

/** What the attempts at a webhook came to, minute by minute. */
export interface Course {
  span: SpanName
  points: Minute[]
}

export async function askCourse(webhookId: string, span: SpanName, environment: 'live' | 'test'): Promise<Course> {
  const from = new Date(Date.now() - SPANS[span] * 3_600_000).toISOString()
  const query = { webhookId, from, step: '1m', environment }
  const { points } = await content(api.GET('/admin/monitoring/series', { params: { query } }))
  return { span, points }
}

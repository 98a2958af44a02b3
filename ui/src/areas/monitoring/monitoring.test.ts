import { expect, test } from 'vitest'

import { latencyLine, type Rule } from './alerts'
import { type MonitoringPoint, statusSeries } from './monitoring'

test('the line of a chart is the strictest rule that takes in what is shown', () => {
  const rule = (threshold: number, scope: object, active = true) => ({ on: 'latency', threshold, scope, active }) as Rule
  const rules = [rule(800, { eventType: 'appointment.confirmed' }), rule(2_000, {}), rule(5, {}, false), rule(300, { webhookId: 'whk_1' })]
  expect(latencyLine(rules, {})).toBe(2_000)
  expect(latencyLine(rules, { eventType: 'appointment.confirmed' })).toBe(800)
  expect(latencyLine(rules, { webhookId: 'whk_1', eventType: 'lab.result.final' })).toBe(300)
  expect(latencyLine([], {})).toBeNull()
})

test('classes of answers that never came are left out', () => {
  const point = (statuses: Record<string, number>) => ({ statuses }) as unknown as MonitoringPoint
  expect(statusSeries([point({ '2xx': 3 }), point({ '5xx': 1 })], 'none').map(({ label, values }) => [label, values])).toEqual([
    ['2xx', [3, 0]],
    ['5xx', [0, 1]],
  ])
})

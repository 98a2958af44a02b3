import type { RouteRecordRaw } from 'vue-router'

import { withTexts } from '@/i18n'

export default [
  { path: '/monitoring', name: 'monitoring', component: withTexts('monitoring', () => import('./Monitoring.vue')), meta: { area: 'monitoring', title: 'shell.monitoring' } },
  { path: '/monitoring/alerts', name: 'alerts', component: withTexts('monitoring', () => import('./Alerts.vue')), meta: { area: 'monitoring', title: 'shell.alerts' } },
] satisfies RouteRecordRaw[]

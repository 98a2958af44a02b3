import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/monitoring', name: 'monitoring', component: () => import('./Monitoring.vue'), meta: { area: 'monitoring', title: 'shell.monitoring' } },
  { path: '/monitoring/alerts', name: 'alerts', component: () => import('./Alerts.vue'), meta: { area: 'monitoring', title: 'shell.alerts' } },
] satisfies RouteRecordRaw[]

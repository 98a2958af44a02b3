import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/start', name: 'start', component: () => import('./Start.vue'), meta: { area: 'start', title: 'shell.start' } },
] satisfies RouteRecordRaw[]

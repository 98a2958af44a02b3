import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/live', name: 'live', component: () => import('./Live.vue'), meta: { area: 'live', title: 'shell.live' } },
] satisfies RouteRecordRaw[]

import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/', name: 'now', component: () => import('./Now.vue'), meta: { area: 'now', title: 'shell.now' } },
] satisfies RouteRecordRaw[]

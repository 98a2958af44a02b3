import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/dead-letters', name: 'dead-letters', component: () => import('./DeadLetters.vue'), meta: { area: 'dead-letters', title: 'shell.deadLetters' } },
] satisfies RouteRecordRaw[]

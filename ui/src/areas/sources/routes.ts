import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/sources', name: 'sources', component: () => import('./Sources.vue'), meta: { area: 'sources', title: 'shell.sources' } },
] satisfies RouteRecordRaw[]

import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/catalogue', name: 'catalogue', component: () => import('./Catalogue.vue'), meta: { area: 'catalogue', title: 'shell.catalogue' } },
  { path: '/catalogue/:type', name: 'event-type', component: () => import('./EventType.vue'), meta: { area: 'catalogue', title: 'shell.catalogue' } },
] satisfies RouteRecordRaw[]

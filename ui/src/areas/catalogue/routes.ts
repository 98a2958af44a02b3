import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/catalogue', name: 'catalogue', component: () => import('./Catalogue.vue'), meta: { area: 'catalogue', title: 'shell.catalogue' } },
  // A name has at least two parts, so that `new` is none.
  { path: '/catalogue/new', name: 'event-type-new', component: () => import('./EventTypeNew.vue'), meta: { area: 'catalogue', title: 'catalogue.addTitle' } },
  { path: '/catalogue/:type', name: 'event-type', component: () => import('./EventType.vue'), meta: { area: 'catalogue', title: 'shell.catalogue' } },
] satisfies RouteRecordRaw[]

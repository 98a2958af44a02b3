import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/events', name: 'events', component: () => import('./Events.vue'), meta: { area: 'events', title: 'shell.events' } },
  { path: '/events/:id', name: 'event', component: () => import('./Event.vue'), meta: { area: 'events', title: 'shell.events' } },
  { path: '/e/:id', redirect: (to) => ({ name: 'event', params: to.params }) },
] satisfies RouteRecordRaw[]

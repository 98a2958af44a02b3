import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/deliveries', name: 'deliveries', component: () => import('./Deliveries.vue'), meta: { area: 'deliveries', title: 'shell.deliveries' } },
  { path: '/deliveries/:id', name: 'delivery', component: () => import('./Delivery.vue'), meta: { area: 'deliveries', title: 'shell.deliveries' } },
] satisfies RouteRecordRaw[]

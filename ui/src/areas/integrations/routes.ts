import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/integrations', name: 'integrations', component: () => import('./Integrations.vue'), meta: { area: 'integrations', title: 'shell.integrations' } },
  { path: '/integrations/new', name: 'integration-new', component: () => import('./IntegrationNew.vue'), meta: { area: 'integrations', title: 'integrations.newTitle' } },
  { path: '/integrations/:id', name: 'integration', component: () => import('./Integration.vue'), meta: { area: 'integrations', title: 'shell.integrations' } },
] satisfies RouteRecordRaw[]

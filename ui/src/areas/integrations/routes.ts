import type { RouteRecordRaw } from 'vue-router'

import { withTexts } from '@/i18n'

export default [
  { path: '/integrations', name: 'integrations', component: withTexts('integrations', () => import('./Integrations.vue')), meta: { area: 'integrations', title: 'shell.integrations' } },
  { path: '/integrations/new', name: 'integration-new', component: withTexts('integrations', () => import('./IntegrationNew.vue')), meta: { area: 'integrations', title: 'integrations.newTitle' } },
  { path: '/integrations/:id', name: 'integration', component: withTexts('integrations', () => import('./Integration.vue')), meta: { area: 'integrations', title: 'shell.integrations' } },
] satisfies RouteRecordRaw[]

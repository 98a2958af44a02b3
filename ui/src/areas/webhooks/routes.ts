import type { RouteRecordRaw } from 'vue-router'

import { withTexts } from '@/i18n'

export default [
  { path: '/integrations/:id/webhooks', name: 'webhooks', component: withTexts('webhooks', () => import('./Webhooks.vue')), meta: { area: 'integrations', title: 'shell.manageWebhooks' } },
  { path: '/integrations/:id/webhooks/new', name: 'webhook-new', component: withTexts('webhooks', () => import('./WebhookNew.vue')), meta: { area: 'integrations', title: 'webhooks.newTitle' } },
  { path: '/integrations/:id/webhooks/:webhookId', name: 'webhook', component: withTexts('webhooks', () => import('./Webhook.vue')), meta: { area: 'integrations', title: 'shell.manageWebhooks' } },
] satisfies RouteRecordRaw[]

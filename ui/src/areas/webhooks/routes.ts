import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/integrations/:id/webhooks', name: 'webhooks', component: () => import('./Webhooks.vue'), meta: { area: 'integrations', title: 'webhooks.title' } },
  { path: '/integrations/:id/webhooks/new', name: 'webhook-new', component: () => import('./WebhookNew.vue'), meta: { area: 'integrations', title: 'webhooks.newTitle' } },
  { path: '/integrations/:id/webhooks/:webhookId', name: 'webhook', component: () => import('./Webhook.vue'), meta: { area: 'integrations', title: 'webhooks.title' } },
] satisfies RouteRecordRaw[]

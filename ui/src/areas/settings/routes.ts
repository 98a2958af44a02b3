import type { RouteRecordRaw } from 'vue-router'

import { withTexts } from '@/i18n'

const meta = { area: 'settings', title: 'shell.settings' } as const

export default [
  {
    path: '/settings',
    component: withTexts('settings', () => import('./Settings.vue')),
    meta,
    children: [
      { path: '', name: 'settings', redirect: { name: 'settings-organisation' } },
      { path: 'organisation', name: 'settings-organisation', component: () => import('./Organisation.vue'), meta },
      { path: 'keys', name: 'settings-keys', component: () => import('./Keys.vue'), meta: { ...meta, title: 'shell.keys' } },
      { path: 'sign-in', name: 'settings-sign-in', component: () => import('./SignInLink.vue'), meta },
      { path: 'retention', name: 'settings-retention', component: () => import('./Retention.vue'), meta },
      { path: 'appearance', name: 'settings-appearance', component: () => import('./Appearance.vue'), meta },
      { path: 'egress', name: 'settings-egress', component: () => import('./Egress.vue'), meta },
      { path: 'audit', name: 'settings-audit', component: () => import('./Audit.vue'), meta: { ...meta, title: 'shell.audit' } },
      { path: 'health', name: 'settings-health', component: () => import('./Health.vue'), meta },
    ],
  },
] satisfies RouteRecordRaw[]

import type { RouteRecordRaw } from 'vue-router'

import { withTexts } from '@/i18n'

const list = withTexts('triggers', () => import('./Triggers.vue'))
const one = withTexts('triggers', () => import('./Trigger.vue'))

export default [
  { path: '/triggers', name: 'triggers', component: list, meta: { area: 'triggers', title: 'shell.triggers' } },
  // An id has a prefix, so that `new` is none.
  { path: '/triggers/new', name: 'trigger-new', component: one, meta: { area: 'triggers', title: 'shell.addTrigger' } },
  { path: '/triggers/:id', name: 'trigger', component: one, meta: { area: 'triggers', title: 'shell.triggers' } },
] satisfies RouteRecordRaw[]

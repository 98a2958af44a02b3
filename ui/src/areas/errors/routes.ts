import type { RouteRecordRaw } from 'vue-router'

// Where `type` of every problem points: open to everybody, since what cannot sign in has errors too.
export default [
  { path: '/docs/errors/:code', name: 'error', component: () => import('./ErrorPage.vue'), meta: { bare: true, title: 'errors.title' } },
] satisfies RouteRecordRaw[]

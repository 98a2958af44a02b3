import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'

import { Away } from './api/problem'
import catalogue from './areas/catalogue/routes'
import deadLetters from './areas/dead-letters/routes'
import deliveries from './areas/deliveries/routes'
import errors from './areas/errors/routes'
import events from './areas/events/routes'
import integrations from './areas/integrations/routes'
import live from './areas/live/routes'
import monitoring from './areas/monitoring/routes'
import now from './areas/now/routes'
import settings from './areas/settings/routes'
import sources from './areas/sources/routes'
import start from './areas/start/routes'
import triggers from './areas/triggers/routes'
import webhooks from './areas/webhooks/routes'
import { type TextKey, t } from './i18n'
import { useSession } from './session/store'
import { arrive } from './shell/arrive'
import { recoverPages } from './shell/recover'

declare module 'vue-router' {
  interface RouteMeta {
    /** The area whose entry in the navigation is lit. */
    area?: string
    /** What stands in the title of the window. */
    title?: TextKey
    /** Without the shell, and open to everybody. */
    bare?: boolean
  }
}

const own: RouteRecordRaw[] = [
  { path: '/signin', component: () => import('./session/SignIn.vue'), meta: { bare: true, title: 'session.title' } },
  { path: '/:rest(.*)*', component: () => import('./shell/NotFound.vue'), meta: { title: 'shell.notFound' } },
]

// All parts on one page, for the eyes of whoever changes them; not in what is shipped.
if (import.meta.env.DEV) own.unshift({ path: '/parts', component: () => import('./parts/gallery/Gallery.vue'), meta: { bare: true } })

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    ...now,
    ...start,
    ...integrations,
    ...webhooks,
    ...errors,
    ...events,
    ...deliveries,
    ...deadLetters,
    ...sources,
    ...live,
    ...catalogue,
    ...triggers,
    ...monitoring,
    ...settings,
    ...own,
  ],
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
})

router.beforeEach(async (to) => {
  if (to.meta.bare) return true
  const session = useSession()
  try {
    await session.resume()
  } catch (error) {
    // The server is away: the shell says so and asks on; the page asks for itself when it is back.
    if (error instanceof Away) return true
    throw error
  }
  return session.state === 'in' || { path: '/signin', query: to.fullPath === '/' ? {} : { back: to.fullPath } }
})

router.afterEach((to, from, failed) => {
  if (!failed) arrive(to.meta.title ? t(to.meta.title) : null, to.path !== from.path && from.matched.length > 0)
})

recoverPages(router)

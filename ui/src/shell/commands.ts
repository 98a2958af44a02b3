import type { RouteLocationRaw, Router } from 'vue-router'

import { type Language, LANGUAGES, speak, t } from '@/i18n'
import type { Command } from '@/parts/commands'
import type { IconName } from '@/parts/icons'
import { setDensity, setTheme } from '@/tokens/look'

import { places } from './places'
import { recent } from './recent'

/** What the commands act on, and for whom. */
interface Around {
  router: Router
  mayWrite: boolean
  leave: () => void
}

/** What the palette offers on every page: what was looked at last, every place, and what can be set. */
export function shellCommands({ router, mayWrite, leave }: Around): Command[] {
  const go = (to: RouteLocationRaw) => () => void router.push(to)
  const setting = (name: string, label: string, icon: IconName): Command => ({ id: `settings-${name}`, label, hint: t('shell.settings'), icon, act: go({ name: `settings-${name}` }) })
  return [
    ...recent.value
      .filter((one) => one.path !== router.currentRoute.value.path)
      .map((one): Command => ({ id: `recent ${one.path}`, label: one.name, hint: t('shell.recent', { of: one.of }), icon: 'wait', act: go(one.path) })),
    ...places.map((place) => ({ id: place.key, label: t(place.label), hint: t('shell.goTo'), icon: place.icon, keys: `g ${place.letter}`, act: go(place.to) })),
    ...(mayWrite ? making(go) : []),
    { id: 'alerts', label: t('shell.alerts'), hint: t('shell.goTo'), icon: 'warn', act: go({ name: 'alerts' }) },
    { id: 'alert-rules', label: t('shell.alertRules'), hint: t('shell.goTo'), icon: 'warn', act: go({ name: 'alerts', query: { tab: 'rules' } }) },
    { id: 'rejections', label: t('shell.rejections'), hint: t('shell.goTo'), icon: 'sources', act: go({ name: 'sources', query: { tab: 'rejections' } }) },
    { id: 'start', label: t('shell.start'), hint: t('shell.goTo'), icon: 'play', act: go('/start') },
    setting('organisation', t('shell.organisation'), 'settings'),
    setting('keys', t('shell.keys'), 'key'),
    setting('sign-in', t('shell.signInLink'), 'key'),
    setting('egress', t('shell.egress'), 'settings'),
    setting('retention', t('shell.retention'), 'settings'),
    setting('audit', t('shell.audit'), 'lock'),
    setting('health', t('shell.health'), 'settings'),
    setting('appearance', t('shell.look'), 'screen'),
    ...looks(),
    ...languages(),
    { id: 'sign-out', label: t('shell.signOut'), icon: 'signOut', act: leave },
  ]
}

function making(go: (to: RouteLocationRaw) => () => void): Command[] {
  return [
    { id: 'integration-new', label: t('shell.addIntegration'), icon: 'plus', act: go({ name: 'integration-new' }) },
    { id: 'event-type-new', label: t('shell.addEventType'), icon: 'plus', act: go({ name: 'event-type-new' }) },
  ]
}

function looks(): Command[] {
  const hint = t('shell.look')
  return [
    { id: 'theme-light', label: t('shell.themeLight'), hint, icon: 'sun', act: () => setTheme('light') },
    { id: 'theme-dark', label: t('shell.themeDark'), hint, icon: 'moon', act: () => setTheme('dark') },
    { id: 'theme-contrast', label: t('shell.themeContrast'), hint, icon: 'contrast', act: () => setTheme('contrast') },
    { id: 'theme-system', label: t('shell.themeSystem'), hint, icon: 'screen', act: () => setTheme('system') },
    { id: 'rows-comfortable', label: t('shell.comfortable'), hint, icon: 'screen', act: () => setDensity('comfortable') },
    { id: 'rows-compact', label: t('shell.compact'), hint, icon: 'screen', act: () => setDensity('compact') },
  ]
}

function languages(): Command[] {
  return (Object.keys(LANGUAGES) as Language[]).map((one) => ({ id: `language-${one}`, label: LANGUAGES[one], hint: t('shell.language'), icon: 'screen' as const, words: 'language sprache', act: () => void speak(one) }))
}

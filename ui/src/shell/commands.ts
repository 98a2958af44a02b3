import type { Router } from 'vue-router'

import { t } from '@/i18n'
import type { Command } from '@/parts/commands'

import { setTheme } from '@/tokens/look'
import { places } from './places'

/** What the palette offers on every page. */
export function shellCommands(router: Router): Command[] {
  const go = (to: string) => () => void router.push(to)
  return [
    ...places.flat().map((place) => ({
      id: place.key,
      label: t(place.label),
      hint: t('shell.goTo'),
      icon: place.icon,
      keys: `g ${place.letter}`,
      act: () => void router.push(place.to),
    })),
    { id: 'integration-new', label: t('shell.addIntegration'), icon: 'plus', act: go('/integrations/new') },
    { id: 'alerts', label: t('shell.alerts'), hint: t('shell.goTo'), icon: 'warn', act: go('/monitoring/alerts') },
    { id: 'keys', label: t('shell.keys'), hint: t('shell.settings'), icon: 'key', act: go('/settings/keys') },
    { id: 'audit', label: t('shell.audit'), hint: t('shell.settings'), icon: 'lock', act: go('/settings/audit') },
    { id: 'start', label: t('shell.start'), hint: t('shell.goTo'), icon: 'play', act: go('/start') },
    { id: 'theme-light', label: t('shell.themeLight'), hint: t('shell.look'), icon: 'sun', act: () => setTheme('light') },
    { id: 'theme-dark', label: t('shell.themeDark'), hint: t('shell.look'), icon: 'moon', act: () => setTheme('dark') },
    { id: 'theme-contrast', label: t('shell.themeContrast'), hint: t('shell.look'), icon: 'contrast', act: () => setTheme('contrast') },
    { id: 'theme-system', label: t('shell.themeSystem'), hint: t('shell.look'), icon: 'screen', act: () => setTheme('system') },
  ]
}

import { readonly, ref } from 'vue'

export const THEMES = ['system', 'light', 'dark', 'contrast'] as const
export type Theme = (typeof THEMES)[number]
export type Density = 'comfortable' | 'compact'

const theme = ref<Theme>('system')
const density = ref<Density>('comfortable')

/** How the console looks on this browser: theme and density, kept here and nowhere else. */
export const look = { theme: readonly(theme), density: readonly(density) }

export function setTheme(to: Theme): void {
  theme.value = to
  keep('theme', to)
  show()
}

export function setDensity(to: Density): void {
  density.value = to
  keep('density', to)
  show()
}

/** Takes up what was chosen before. Who asks their system for more contrast gets it. */
export function recallLook(): void {
  const known = recall('theme')
  const contrast = matchMedia('(prefers-contrast: more)').matches
  theme.value = THEMES.find((one) => one === known) ?? (contrast ? 'contrast' : 'system')
  density.value = recall('density') === 'compact' ? 'compact' : 'comfortable'
  show()
}

function show(): void {
  const root = document.documentElement
  if (theme.value === 'system') delete root.dataset.theme
  else root.dataset.theme = theme.value
  root.dataset.density = density.value
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`carehook.${name}`, value)
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}

function recall(name: string): string | null {
  try {
    return localStorage.getItem(`carehook.${name}`)
  } catch {
    return null
  }
}

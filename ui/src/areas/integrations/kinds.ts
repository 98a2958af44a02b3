import type { Preset } from '@/api/lists'
import { said } from '@/i18n/said'

/** The kinds that every server speaks. */
export const STANDARDS = ['hl7v2', 'fhir', 'events'] as const
export type Standard = (typeof STANDARDS)[number]

/** Whether a kind is one of these, and no third party's. */
export const isStandard = (kind: string): kind is Standard => (STANDARDS as readonly string[]).includes(kind)

/** What a person looks for in it. */
export function fits(preset: Preset, wanted: string): boolean {
  const text = [preset.name, preset.title, preset.category, preset.about, said(preset.title), said(preset.about)].join(' ').toLowerCase()
  return wanted.toLowerCase().split(/\s+/).every((word) => text.includes(word))
}

/** By category, in the order of the server. */
export function grouped(presets: readonly Preset[]): [string, Preset[]][] {
  const groups = new Map<string, Preset[]>()
  for (const one of presets) groups.set(one.category, [...(groups.get(one.category) ?? []), one])
  return [...groups]
}

import { api, content } from '@/api/client'
import { Problem } from '@/api/problem'
import { useQuery } from '@/api/query'
import { said } from '@/i18n/said'

/** A third party that can be connected, as `GET /admin/presets` tells of it. */
export interface Preset {
  name: string
  title: string
  category: string
  about: string
  cannot: string[]
  /** Its calls carry ids only. */
  thin: boolean
  /** Only who sends is proven, not what is sent. */
  senderCheckOnly: boolean
  fields: PresetField[]
  eventTypes: string[]
  handshakes: string[]
  address: string
  origin: string
}

export interface PresetField {
  name: string
  title: string
  hint: string
  secret: boolean
  required: boolean
}

/** The kinds that every server speaks. */
export const STANDARDS = ['hl7v2', 'fhir', 'events'] as const
export type Standard = (typeof STANDARDS)[number]

/** Whether a kind is one of these, and no third party's. */
export const isStandard = (kind: string): kind is Standard => (STANDARDS as readonly string[]).includes(kind)

/** The third parties that the server knows; none where it is too old to know any. */
export function usePresets() {
  return useQuery('presets', (signal) => asked('/admin/presets', signal), { fresh: 60_000 })
}

async function asked(path: string, signal: AbortSignal): Promise<Preset[]> {
  try {
    const page = await content<{ data: Preset[] }>(api.GET(path as never, { signal } as never) as never)
    return page.data
  } catch (error) {
    if (error instanceof Problem && error.isMissing) return []
    throw error
  }
}

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

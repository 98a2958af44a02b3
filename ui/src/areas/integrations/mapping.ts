import { invalidate } from '@/api/cache'
import { api, content } from '@/api/client'
import { Problem } from '@/api/problem'
import { useQuery } from '@/api/query'
import type { components } from '@/api/schema'

type Schemas = components['schemas']

/** The tables of an integration, as the API names them. */
export const TABLES = ['codes', 'units', 'flags', 'locations', 'thresholds'] as const
export type TableName = (typeof TABLES)[number]

/** A table as comma separated values, and the version that a change of it names. */
export interface TableText {
  text: string
  version: string | null
}

/** What the messages of an integration said that no table takes up. */
export function useWorklist(id: () => string) {
  return useQuery(
    () => `mapping worklist ${id()}`,
    (signal) => content(api.GET('/admin/integration/{id}/worklist', { params: { path: { id: id() } }, signal })),
    { every: 30_000 },
  )
}

/** One table of an integration. */
export function useTable(id: () => string, table: () => TableName) {
  return useQuery(
    () => `mapping table ${id()} ${table()}`,
    async (signal): Promise<TableText> => {
      const path = { id: id(), table: table() }
      const { data, response } = await api.GET('/admin/integration/{id}/mapping/{table}', { params: { path }, parseAs: 'text', signal })
      return { text: data ?? '', version: response.headers.get('etag') }
    },
  )
}

/** Replaces one table. */
export async function saveTable(id: string, table: TableName, text: string, version: string | null): Promise<void> {
  await api.PUT('/admin/integration/{id}/mapping/{table}', {
    params: { path: { id, table } },
    body: text,
    bodySerializer: (body) => body,
    headers: { 'content-type': 'text/csv', ...(version ? { 'if-match': version } : {}) },
    parseAs: 'text',
  })
  invalidate('mapping')
}

/** Everything that the codes of an integration mean, as the API has it. */
export interface Meanings {
  doc: Schemas['Mapping']
  version: string | null
}

/** How the messages of an integration differ from the standard maps, among what its codes mean. */
export function useMeanings(id: () => string) {
  return useQuery(
    () => `mapping of ${id()}`,
    async (signal): Promise<Meanings> => {
      const { data, response } = await api.GET('/admin/integration/{id}/mapping', { params: { path: { id: id() } }, signal })
      return { doc: data!, version: response.headers.get('etag') }
    },
  )
}

/** Replaces the overrides; the tables stay. */
export async function saveOverrides(id: string, of: Meanings, overrides: Schemas['Mapping']['overrides']): Promise<void> {
  const headers = of.version ? { 'if-match': of.version } : {}
  await api.PUT('/admin/integration/{id}/mapping', { params: { path: { id } }, body: { ...of.doc, overrides }, headers })
  invalidate('mapping')
}

/** Why a table or an override was refused, with its place; nothing where it was something else. */
export function refusal(failure: Error | null): string | null {
  if (!(failure instanceof Problem) || failure.status !== 422) return null
  return failure.field ? `${failure.field}: ${failure.words}` : failure.words
}

const COLUMNS: Record<TableName, number> = { codes: 4, units: 3, flags: 3, locations: 3, thresholds: 6 }

/** A table with a row begun for a code, and where in it is to be written what the code means. */
export function withRow(text: string, table: TableName, code: string, system: string | null): { text: string; at: number } {
  const cell = (value: string) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)
  const known = table === 'codes' || table === 'thresholds' ? [cell(code), cell(system ?? '')] : [cell(code)]
  const begun = `${text.replace(/\s*$/, '')}\r\n${known.join(',')},`
  // A field counts the end of a line as one letter.
  return { text: `${begun}${','.repeat(COLUMNS[table] - known.length - 1)}\r\n`, at: begun.replaceAll('\r\n', '\n').length }
}

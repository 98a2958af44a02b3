/** A member that a JSON Schema describes, one line of its table. */
export interface Member {
  id: string
  name: string
  depth: number
  type: string
  required: boolean
  text: string
}

interface Schema {
  type?: string | string[]
  format?: string
  enum?: unknown[]
  const?: unknown
  description?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  $ref?: string
  oneOf?: Schema[]
  anyOf?: Schema[]
}

// Deeper than people read in a table; the text of the schema holds the rest.
const DEPTH_MAX = 6

/** The members of a schema as lines, parents before their children. */
export function members(schema: unknown, path = '', depth = 0): Member[] {
  const of = objectOf(schema as Schema)
  if (!of?.properties || depth > DEPTH_MAX) return []
  return Object.entries(of.properties).flatMap(([name, child]) => {
    const id = `${path}/${name}`
    const line = { id, name, depth, type: typeOf(child), required: of.required?.includes(name) ?? false, text: child.description ?? '' }
    return [line, ...members(child, id, depth + 1)]
  })
}

/** The object whose members are told: the schema itself, or what its list holds. */
function objectOf(schema: Schema | undefined): Schema | undefined {
  return schema?.items ? objectOf(schema.items) : schema
}

function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  const either = schema.oneOf ?? schema.anyOf
  if (either) return either.map(typeOf).join(' | ')
  if (schema.$ref) return schema.$ref.split('/').at(-1) ?? schema.$ref
  const own = Array.isArray(schema.type) ? schema.type.join(' | ') : (schema.type ?? 'any')
  if (schema.items) return `${typeOf(schema.items)}[]`
  return schema.format ? `${own} (${schema.format})` : own
}

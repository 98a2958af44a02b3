/** A member that somebody else changed while one was writing. */
export interface Meanwhile<K extends string = string> {
  key: K
  before: unknown
  theirs: unknown
  /** What one made of it oneself; absent where one left it alone. */
  mine?: unknown
}

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)

/** What somebody else changed since `before`, beside what one made of the same. */
export function meanwhile<T extends object>(before: T, theirs: T, mine: T): Meanwhile<keyof T & string>[] {
  const keys = Object.keys(theirs) as (keyof T & string)[]
  return keys
    .filter((key) => !isSame(before[key], theirs[key]))
    .map((key) => ({ key, before: before[key], theirs: theirs[key], ...(isSame(before[key], mine[key]) ? {} : { mine: mine[key] }) }))
}

/** One's own changes since `before`, on top of theirs. */
export function onTop<T extends object>(before: T, theirs: T, mine: T): T {
  const own = (Object.keys(mine) as (keyof T)[]).filter((key) => !isSame(before[key], mine[key]))
  return { ...theirs, ...Object.fromEntries(own.map((key) => [key, mine[key]])) }
}

import type { IconName } from './icons'

/** Something that the palette offers. */
export interface Command {
  id: string
  label: string
  hint?: string
  icon?: IconName
  keys?: string
  /** Other words it is found by. */
  words?: string
  act: () => void
}

/** The commands that a text matches, the closest first. */
export function ranked(commands: readonly Command[], text: string): Command[] {
  const wanted = text.trim().toLowerCase()
  if (!wanted) return [...commands]
  return commands
    .map((command) => ({ command, rank: rank(command, wanted) }))
    .filter(({ rank: at }) => at < Number.POSITIVE_INFINITY)
    .sort((a, b) => a.rank - b.rank)
    .map(({ command }) => command)
}

function rank(command: Command, wanted: string): number {
  const label = command.label.toLowerCase()
  if (label.startsWith(wanted)) return 0
  if (label.split(/[\s._]+/).some((word) => word.startsWith(wanted))) return 1
  if (label.includes(wanted)) return 2
  if (`${command.hint ?? ''} ${command.words ?? ''}`.toLowerCase().includes(wanted)) return 3
  return isSpread(label, wanted) ? 4 : Number.POSITIVE_INFINITY
}

/** Whether the letters of `wanted` stand in `label` in this order, with others between. */
function isSpread(label: string, wanted: string): boolean {
  let at = 0
  for (const letter of wanted) {
    at = label.indexOf(letter, at) + 1
    if (at === 0) return false
  }
  return true
}

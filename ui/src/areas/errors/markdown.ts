/** A run of text, or a piece of code in it. */
export interface Run {
  text: string
  code: boolean
}

/** A block of a page. */
export type Block =
  | { kind: 'title' | 'heading' | 'text'; runs: Run[] }
  | { kind: 'list'; items: Run[][] }
  | { kind: 'code'; text: string }

/** The blocks of a page in the Markdown that `docs/errors/` keeps to: headings, texts, lists, code. */
export function blocks(page: string): Block[] {
  const out: Block[] = []
  const lines = page.split(/\r?\n/)
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at]!
    if (line.startsWith('```')) {
      const end = lines.indexOf('```', at + 1)
      const last = end === -1 ? lines.length : end
      out.push({ kind: 'code', text: lines.slice(at + 1, last).join('\n') })
      at = last
    } else if (line.startsWith('# ')) out.push({ kind: 'title', runs: runs(line.slice(2)) })
    else if (line.startsWith('#')) out.push({ kind: 'heading', runs: runs(line.replace(/^#+\s*/, '')) })
    else if (/^[-*] /.test(line)) item(out, runs(line.slice(2)))
    else if (line.trim()) sentence(out, line, lines[at - 1])
  }
  return out
}

function item(out: Block[], item: Run[]): void {
  const last = out.at(-1)
  if (last?.kind === 'list') last.items.push(item)
  else out.push({ kind: 'list', items: [item] })
}

// Sentences stand one to a line; those without an empty line between are one text.
function sentence(out: Block[], line: string, before: string | undefined): void {
  const last = out.at(-1)
  const more = { text: ' ', code: false }
  const goesOn = Boolean(before?.trim())
  if (goesOn && last?.kind === 'text') last.runs.push(more, ...runs(line))
  else if (goesOn && last?.kind === 'list') last.items.at(-1)?.push(more, ...runs(line.trim()))
  else out.push({ kind: 'text', runs: runs(line) })
}

function runs(line: string): Run[] {
  // A link keeps its words: what it leads to is a file beside this one, which is not here.
  const plain = line.replace(/\[([^\]]+)\]\([^)]*\)/g, '$1')
  return plain
    .split('`')
    .map((text, index) => ({ text, code: index % 2 === 1 }))
    .filter((run) => run.text)
}

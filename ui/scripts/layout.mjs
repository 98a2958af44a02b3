// The rules of the tree that no other tool keeps; each failure names its file and the rule.
import { readFileSync, readdirSync } from 'node:fs'

const LINES_MAX = 250
const faults = []
// Which file keeps answers under a key, or under one that begins so.
const asked = new Map()
const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).map((name) => `src/${name.replaceAll('\\', '/')}`)

for (const file of files.filter((name) => /\.(vue|ts)$/.test(name) && !name.endsWith('schema.d.ts'))) {
  const text = readFileSync(file, 'utf8')
  const fault = (rule) => faults.push(`${file}: ${rule}`)
  const area = /^src\/areas\/([\w-]+)\//.exec(file)?.[1]
  if (file.endsWith('.vue') && text.split('\n').length > LINES_MAX) fault(`longer than ${LINES_MAX} lines: split it by what it shows`)
  if (/<[^>]+\sstyle="/.test(text)) fault('a style attribute, which the content security policy refuses: use a class or :style with an object')
  if (/v-html/.test(text)) fault('v-html: what others sent would become markup')
  for (const [, key] of text.matchAll(/\buseQuery(?:<[^(]*>)?\(\s*(?:\(\) =>\s*)?['`]([^'`$]+)/g)) {
    const other = asked.get(key) ?? file
    if (other !== file) fault(`keeps answers under the key ${key}, as ${other} does: one would show what the other asked for; ask in one place`)
    if (!file.endsWith('.test.ts')) asked.set(key, file)
  }
  for (const [, from] of text.matchAll(/from '([^']+)'|import\('([^']+)'\)/g)) {
    if (!from) continue
    const other = /^@\/areas\/([\w-]+)/.exec(from)?.[1]
    if (area && other && other !== area) fault(`imports the area ${other}: areas never import each other; what both need is a part or a term`)
    if (area && from.startsWith('../')) fault('leaves its folder by ../: use @/')
    if (area === 'webhooks' && from === '@/api/client' && !/\/(store|course)(\.test)?\.ts$/.test(file)) fault('calls the API: the screens of webhooks read and call from their store')
    if (file.startsWith('src/parts/') && /^@\/(api|areas|session|shell|terms)/.test(from)) fault(`imports ${from}: parts know no domain word and no fetch`)
    if (file.startsWith('src/terms/') && /^@\/(api|areas|session|shell)/.test(from)) fault(`imports ${from}: terms only show words`)
    if (file.startsWith('src/api/') && /^@\/(areas|session|shell|parts|terms)/.test(from)) fault(`imports ${from}: the client stands below everything`)
  }
}

for (const fault of faults) console.error(fault)
if (faults.length > 0) process.exit(1)
console.log(`layout: ${files.length} files keep the rules of the tree`)

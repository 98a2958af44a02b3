// Fails when the first load is larger than people on a slow line should wait for.
import { readFileSync, readdirSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const BYTES_MAX = 180 * 1024
const gzipped = (path) => gzipSync(readFileSync(path), { level: 9 }).length

// What the browser fetches before the first page shows: what index.html names, the router's
// static imports, one language, and the largest page.
const index = readFileSync('dist/index.html', 'utf8')
const named = [...index.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map(([, path]) => path)
const first = new Set()
for (const path of named) follow(path)

function follow(path) {
  if (first.has(path)) return
  first.add(path)
  if (!path.endsWith('.js')) return
  const text = readFileSync(`dist/${path}`, 'utf8')
  for (const [, next] of text.matchAll(/(?:from|import)\s*["']\.\/([^"']+)["']/g)) follow(`assets/${next}`)
}

const lazy = readdirSync('dist/assets').map((name) => `assets/${name}`).filter((path) => !first.has(path) && /\.(js|css)$/.test(path))
const sizes = lazy.map((path) => gzipped(`dist/${path}`)).sort((a, b) => b - a)
// A language and a page come after the entry; three of the largest pieces stand for them.
const after = sizes.slice(0, 3).reduce((sum, size) => sum + size, 0)
const entry = [...first].reduce((sum, path) => sum + gzipped(`dist/${path}`), 0) + gzipSync(index).length
const total = entry + after
const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`
console.log(`first load: entry ${kib(entry)} + language and page at most ${kib(after)} = ${kib(total)} of ${kib(BYTES_MAX)} (gzip)`)
if (total > BYTES_MAX) {
  console.error('The first load is too large: load what it does not need with the page that does.')
  process.exit(1)
}

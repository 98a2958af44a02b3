// A patient portal: takes signed deliveries and shows them on a page that fills by itself.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

import { isGenuine } from './signature.mjs'

const PORT = Number(process.env.PORT ?? 3000)
const SECRET = process.env.WEBHOOK_SECRET ?? ''
const BODY_BYTES_MAX = 2 * 1024 * 1024
const KEPT = 500

const PAGE = new Map(
  [
    ['/', 'index.html', 'text/html; charset=utf-8'],
    ['/portal.css', 'portal.css', 'text/css'],
    ['/portal.js', 'portal.js', 'text/javascript'],
  ].map(([path, file, type]) => [path, { type, bytes: readFileSync(new URL(`page/${file}`, import.meta.url)) }]),
)

/** Deliveries by `webhook-id`, oldest first: one that comes again changes nothing. */
const inbox = new Map()
const watchers = new Set()

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://portal')
  const page = PAGE.get(pathname)
  if (request.method === 'POST' && pathname === '/hooks') take(request, response)
  else if (request.method === 'GET' && pathname === '/live') watch(response)
  else if (request.method === 'GET' && page) {
    response.writeHead(200, { 'content-type': page.type, 'content-security-policy': "default-src 'self'" }).end(page.bytes)
  } else response.writeHead(404).end()
})

function take(request, response) {
  const chunks = []
  let length = 0
  request.on('data', (chunk) => {
    length += chunk.length
    if (length > BODY_BYTES_MAX) request.destroy()
    else chunks.push(chunk)
  })
  request.on('end', () => {
    const { status, answer } = accept(request.headers, Buffer.concat(chunks))
    response.writeHead(status).end(answer && JSON.stringify({ answer }))
  })
}

/** The status of the answer, and what answers a challenge. Only what was signed with our secret is taken, and only once. */
function accept(headers, body) {
  if (!SECRET || !isGenuine(SECRET, headers, body, Date.now() / 1000)) return { status: 401 }
  const id = headers['webhook-id']
  if (inbox.has(id)) return { status: 204 }
  let event
  try {
    event = JSON.parse(body)
  } catch {
    return { status: 400 }
  }
  if (event.type === 'webhook.challenge') return { status: 200, answer: event.challenge }
  inbox.set(id, event)
  if (inbox.size > KEPT) inbox.delete(inbox.keys().next().value)
  for (const watcher of watchers) tell(watcher, event)
  return { status: 204 }
}

function watch(response) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  for (const event of inbox.values()) tell(response, event)
  watchers.add(response)
  response.on('close', () => watchers.delete(response))
}

function tell(watcher, { id, type, time, lane, test, subject }) {
  const who = subject?.pseudonym ?? subject?.id ?? null
  watcher.write(`data: ${JSON.stringify({ id, type, time, lane, test, who })}\n\n`)
}

server.listen(PORT, '127.0.0.1', () => {
  const { port } = server.address()
  console.log(`deliveries  http://127.0.0.1:${port}/hooks`)
  console.log(`page        http://127.0.0.1:${port}/`)
  if (!SECRET) console.log('WEBHOOK_SECRET is not set: every delivery is answered with 401')
})

import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'

import { type Visit, launch, visit } from './browser'
import { Receiver } from './receiver'
import { type Mode, Server } from './server'

/** A server, a receiver and a browser for the stories of one file. */
export class Setting {
  server!: Server
  receiver!: Receiver
  private browser!: Browser

  constructor(private readonly mode: Mode) {}

  async open(): Promise<void> {
    // Each is kept as it comes, and all are waited for: what one of them dies of leaves no other running.
    const coming = [
      Server.start(this.mode).then((server) => (this.server = server)),
      Receiver.start().then((receiver) => (this.receiver = receiver)),
      launch().then((browser) => (this.browser = browser)),
    ]
    const failed = (await Promise.allSettled(coming)).find((one) => one.status === 'rejected')
    if (failed) throw failed.reason
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.browser?.close(), this.receiver?.stop(), this.server?.stop()])
  }

  /** A window that nobody signed in. */
  stranger(options: BrowserContextOptions = {}): Promise<Visit> {
    return visit(this.browser, this.server.url, options)
  }

  /** A window signed in by a one-time link, as the admin or with another key. */
  async signedIn(options: BrowserContextOptions = {}, key?: string): Promise<Visit> {
    const opened = await this.stranger(options)
    const answer = await fetch(`${this.server.url}/session/links`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key ?? this.server.key}` },
    })
    const { url } = (await answer.json()) as { url: string }
    await opened.page.goto(url)
    await opened.page.waitForURL((at) => at.pathname !== '/signin')
    return opened
  }

  /** What a list of the API holds. */
  async list<T = Record<string, unknown>>(path: string): Promise<T[]> {
    return (await this.server.call<{ data: T[] }>('GET', path)).data
  }

  /** An integration; `more` goes over what every one needs. */
  async integration(name: string, more: object = {}): Promise<string> {
    const wish = { name, kind: 'events', environment: 'live', timeZone: 'Europe/London', ...more }
    return (await this.server.call<{ id: string }>('POST', '/admin/integration', wish, 201)).id
  }

  /** A webhook at the receiver. */
  async webhook(integration: string, more: object = {}): Promise<{ id: string; name: string }> {
    const wish = { name: 'Portal', url: this.receiver.url, eventTypes: ['lab.*'], retry: { schedule: ['1s'], horizon: '72h' }, ...more }
    return this.server.call('POST', `/admin/integration/${integration}/webhooks`, wish, 201)
  }

  /** Sends an event in; its id. */
  async send(integration: string, type: string, more: object = {}): Promise<string> {
    const event = { type, subject: { id: 'MRN-1001' }, data: { value: { value: 6.9, unit: 'mmol/L' } }, ...more }
    return (await this.server.call<{ id: string }>('POST', `/ingest/${integration}/events`, event, 202)).id
  }
}

/** The setting of the stories in this file. */
export function setting(mode: Mode = { dev: true }): Setting {
  const told = new Setting(mode)
  beforeAll(() => told.open())
  afterAll(() => told.close())
  return told
}

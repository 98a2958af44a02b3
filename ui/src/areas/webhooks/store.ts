import { defineStore } from 'pinia'

import { api, content } from '@/api/client'
import { type EventType, readEventTypes } from '@/api/lists'

import { askCourse, type SpanName } from './course'
import type { Wish } from './draft'
import { append, type LogFilters, renew, unread } from './log'
import { type Challenge, type ObjectType, objectTypes, type Owner, type Preview, type TestResult, watched, type Watched, type Webhook } from './watched'

interface State {
  webhooks: Watched[]
  loading: boolean
  creating: boolean
  updating: boolean
  deleting: boolean
  error: Error | null
  currentIntegrationId: string | null
  /** What the integration can raise. */
  eventTypes: EventType[]
  objectTypes: ObjectType[]
}

/** The webhooks of the integration that is looked at. The screens read and call from here and nowhere else. */
export const useWebhookStore = defineStore('webhooks', {
  state: (): State => ({
    webhooks: [],
    loading: false,
    creating: false,
    updating: false,
    deleting: false,
    error: null,
    currentIntegrationId: null,
    eventTypes: [],
    objectTypes: [],
  }),

  actions: {
    /** Looks at an integration: its webhooks, and what they may ask for. */
    async open(integration: string): Promise<void> {
      if (this.currentIntegrationId !== integration) this.$reset()
      this.currentIntegrationId = integration
      await this.during('loading', async () => {
        const id = { params: { path: { id: integration } } }
        const [webhooks, owner, types] = await Promise.all([
          content(api.GET('/admin/integration/{id}/webhooks', id)),
          this.askOwner(integration),
          readEventTypes(),
        ])
        if (this.currentIntegrationId !== integration) return
        const offered = new Set(owner.eventTypes)
        this.eventTypes = types.filter((one) => offered.has(one.type))
        this.objectTypes = objectTypes(owner)
        this.take(webhooks, owner.environment === 'test' ? 'test' : 'live')
        await this.examine()
      }).catch(() => {})
    },

    /** Reads the list again: a webhook may have been made, changed or removed elsewhere. */
    async renew(): Promise<void> {
      const integration = this.currentIntegrationId
      if (!integration || this.loading) return
      try {
        const webhooks = await content(api.GET('/admin/integration/{id}/webhooks', { params: { path: { id: integration } } }))
        if (this.currentIntegrationId !== integration || this.updating || this.deleting) return
        const known = new Set(this.webhooks.map((one) => one.id))
        this.take(webhooks, this.webhooks[0]?.environment ?? 'live')
        await Promise.all(webhooks.filter((one) => !known.has(one.id)).map((one) => this.examineOne(one.id)))
      } catch (error) {
        this.error = error as Error
      }
    },

    /** Asks how each webhook does. */
    async examine(): Promise<void> {
      await Promise.all(this.webhooks.map((one) => this.examineOne(one.id)))
    },

    async examineOne(webhookId: string): Promise<void> {
      const id = this.currentIntegrationId
      if (!id) return
      try {
        const path = { id, webhookId }
        const query = { environment: this.webhooks.find((one) => one.id === webhookId)?.environment }
        const health = await content(api.GET('/admin/integration/{id}/webhooks/{webhookId}/status', { params: { path, query } }))
        const known = this.webhooks.find((one) => one.id === webhookId)
        if (known) Object.assign(known, { health, status: health.status })
      } catch (error) {
        this.error = error as Error
      }
    },

    /** Reads what the attempts at a webhook came to, minute by minute. */
    async readCourse(webhookId: string, span: SpanName): Promise<void> {
      try {
        const known = () => this.webhooks.find((one) => one.id === webhookId)
        const course = await askCourse(webhookId, span, known()?.environment ?? 'live')
        const still = known()
        if (still) still.course = course
      } catch (error) {
        this.error = error as Error
      }
    },

    /** Reads the newest calls to a webhook that fit; what was read with other filters goes. */
    async readLog(webhookId: string, filters: LogFilters): Promise<void> {
      const known = this.webhooks.find((one) => one.id === webhookId)
      if (known) known.log = unread(filters)
      await this.askLog(webhookId)
    },

    /** Reads the calls before those that are known, or what is new on top of them. */
    async askLog(webhookId: string, how: 'older' | 'newest' = 'newest'): Promise<void> {
      const log = this.webhooks.find((one) => one.id === webhookId)?.log
      if (!log || log.asking || (how === 'older' && !log.next)) return
      log.asking = true
      try {
        const path = { id: this.integration(), webhookId }
        const query = { ...log.filters, ...(how === 'older' ? { after: log.next! } : {}) }
        const page = await content(api.GET('/admin/integration/{id}/webhooks/{webhookId}/logs', { params: { path, query } }))
        if (how === 'older') append(log, page)
        else renew(log, page)
        log.read = true
        log.failure = null
      } catch (error) {
        log.failure = error as Error
      } finally {
        log.asking = false
      }
    },

    /** Reads a webhook as it is now, with the version that a change of it names. */
    async readOne(webhookId: string): Promise<Watched> {
      const params = { path: { id: this.integration(), webhookId } }
      const { data, response } = await api.GET('/admin/integration/{id}/webhooks/{webhookId}', { params })
      return this.put(data!, response.headers.get('etag'))
    },

    /** Makes a webhook; the answer is the only one that holds its secret. */
    create(wish: Wish): Promise<Webhook> {
      return this.during('creating', async () => {
        const params = { path: { id: this.integration() } }
        const made = await content(api.POST('/admin/integration/{id}/webhooks', { params, body: wish as never }))
        this.put(made)
        void this.examineOne(made.id)
        return made
      })
    },

    /** Changes a webhook that is still as it was read; otherwise the server refuses. */
    update(webhookId: string, wish: Wish, version: string | null): Promise<Watched> {
      return this.during('updating', async () => {
        const params = { path: { id: this.integration(), webhookId } }
        const headers = version ? { 'if-match': version } : {}
        const { data, response } = await api.PUT('/admin/integration/{id}/webhooks/{webhookId}', { params, headers, body: wish as never })
        return this.put(data!, response.headers.get('etag'))
      })
    },

    /** Pauses a webhook or lets it go on. */
    turn(webhookId: string, verb: 'pause' | 'resume'): Promise<void> {
      return this.during('updating', async () => {
        const params = { path: { id: this.integration(), webhookId } }
        const to = `/admin/integration/{id}/webhooks/{webhookId}/${verb}` as const
        this.put(await content(api.POST(to as '/admin/integration/{id}/webhooks/{webhookId}/pause', { params })))
        await this.examineOne(webhookId)
      })
    },

    /** Asks the receiver of a webhook now to show that it is the one that was meant. */
    challenge(webhookId: string): Promise<Challenge> {
      return this.during('updating', async () => {
        const params = { path: { id: this.integration(), webhookId } }
        const told = await content(api.POST('/admin/integration/{id}/webhooks/{webhookId}/challenge', { params }))
        await this.examineOne(webhookId)
        return told
      })
    },

    /** Makes a new secret, shown once; the old one signs too for the overlap. */
    rotate(webhookId: string, overlap: string): Promise<Webhook> {
      return this.during('updating', async () => {
        const params = { path: { id: this.integration(), webhookId } }
        const call = api.POST('/admin/integration/{id}/webhooks/{webhookId}/rotate-secret', { params, body: { overlap } })
        return (await content(call)) as Webhook
      })
    },

    remove(webhookId: string): Promise<void> {
      return this.during('deleting', async () => {
        const params = { path: { id: this.integration(), webhookId } }
        await api.DELETE('/admin/integration/{id}/webhooks/{webhookId}', { params })
        this.webhooks = this.webhooks.filter((one) => one.id !== webhookId)
      })
    },

    /** Reads the integration that webhooks hang under. */
    askOwner(id: string, signal?: AbortSignal): Promise<Owner> {
      return content(api.GET('/admin/integration/{id}', { params: { path: { id } }, signal }))
    },

    /** Asks for the very request that settings would make; nothing is saved or sent. */
    preview(wish: Wish, signal?: AbortSignal): Promise<Preview> {
      const params = { path: { id: this.integration() } }
      return content(api.POST('/admin/integration/{id}/webhooks/preview', { params, body: wish as never, signal }))
    },

    /** Sends one sample event, marked as a test, with saved or unsaved settings. */
    test(wish: Wish): Promise<TestResult> {
      const params = { path: { id: this.integration() } }
      return content(api.POST('/admin/integration/{id}/webhooks/test', { params, body: wish as never }))
    },

    integration(): string {
      if (!this.currentIntegrationId) throw new Error('no integration is open')
      return this.currentIntegrationId
    },

    take(webhooks: Webhook[], environment: Watched['environment']): void {
      const known = new Map(this.webhooks.map((one) => [one.id, one]))
      this.webhooks = webhooks.map((one) => ({ ...watched(one, known.get(one.id)), environment }))
    },

    put(webhook: Webhook, version: string | null = null): Watched {
      const place = this.webhooks.findIndex((one) => one.id === webhook.id)
      // The secret belongs to whoever asked for it, not into a store.
      const kept = { ...webhook, signing: { ...webhook.signing, secret: null } }
      // A new one belongs to the same integration as those that are there.
      const put = place < 0 ? { ...watched(kept), environment: this.webhooks[0]?.environment ?? 'live' } : watched(kept, this.webhooks[place])
      put.version = version
      if (place < 0) this.webhooks.push(put)
      else this.webhooks[place] = put
      return put
    },

    /** Runs a call under one of the flags; what goes wrong is kept and thrown. */
    async during<T>(flag: 'loading' | 'creating' | 'updating' | 'deleting', call: () => Promise<T>): Promise<T> {
      this[flag] = true
      this.error = null
      try {
        return await call()
      } catch (error) {
        this.error = error as Error
        throw error
      } finally {
        this[flag] = false
      }
    },
  },
})

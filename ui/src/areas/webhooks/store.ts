import { defineStore } from 'pinia'

import { api, content } from '@/api/client'
import type { components } from '@/api/schema'

import type { Wish } from './draft'

export type Webhook = components['schemas']['Webhook']
export type Health = components['schemas']['WebhookStatus']
export type EventType = components['schemas']['EventType']

/** A webhook and how it does; `health` is null until it was asked. */
export type Watched = Webhook & { health: Health | null }

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
  objectTypes: string[]
}

/** The webhooks of the integration that is looked at. The screens read from here and nowhere else. */
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
          content(api.GET('/admin/integration/{id}', id)),
          content(api.GET('/admin/event-types', { params: { query: { limit: '250' } } })),
        ])
        if (this.currentIntegrationId !== integration) return
        const offered = new Set(owner.eventTypes)
        this.eventTypes = types.data.filter((one) => offered.has(one.type))
        this.objectTypes = owner.objectTypes
        this.take(webhooks)
        await this.examine()
      }).catch(() => {})
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
        const health = await content(api.GET('/admin/integration/{id}/webhooks/{webhookId}/status', { params: { path } }))
        const known = this.webhooks.find((one) => one.id === webhookId)
        if (known) Object.assign(known, { health, status: health.status })
      } catch (error) {
        this.error = error as Error
      }
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

    update(webhookId: string, wish: Wish): Promise<Webhook> {
      return this.during('updating', async () => {
        const params = { path: { id: this.integration(), webhookId } }
        const changed = await content(api.PUT('/admin/integration/{id}/webhooks/{webhookId}', { params, body: wish as never }))
        this.put(changed)
        return changed
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

    integration(): string {
      if (!this.currentIntegrationId) throw new Error('no integration is open')
      return this.currentIntegrationId
    },

    take(webhooks: Webhook[]): void {
      const known = new Map(this.webhooks.map((one) => [one.id, one.health]))
      this.webhooks = webhooks.map((one) => ({ ...one, health: known.get(one.id) ?? null }))
    },

    put(webhook: Webhook): void {
      const place = this.webhooks.findIndex((one) => one.id === webhook.id)
      // The secret belongs to whoever asked for it, not into a store.
      const kept = { ...webhook, signing: { ...webhook.signing, secret: null } }
      if (place < 0) this.webhooks.push({ ...kept, health: null })
      else this.webhooks[place] = { ...kept, health: this.webhooks[place]?.health ?? null }
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

import catalogue from './catalogue.json'
import deadLetters from './dead-letters.json'
import deliveries from './deliveries.json'
import errors from './errors.json'
import events from './events.json'
import integrations from './integrations.json'
import live from './live.json'
import monitoring from './monitoring.json'
import now from './now.json'
import parts from './parts.json'
import session from './session.json'
import settings from './settings.json'
import shell from './shell.json'
import sources from './sources.json'
import start from './start.json'
import terms from './terms.json'
import webhooks from './webhooks.json'

export default {
  catalogue,
  'dead-letters': deadLetters,
  deliveries,
  errors,
  events,
  integrations,
  live,
  monitoring,
  now,
  parts,
  session,
  settings,
  shell,
  sources,
  start,
  terms,
  webhooks,
}

import catalogue from './catalogue.json'
import deadLetters from './dead-letters.json'
import deliveries from './deliveries.json'
import errors from './errors.json'
import events from './events.json'
import live from './live.json'
import now from './now.json'
import parts from './parts.json'
import session from './session.json'
import shell from './shell.json'
import sources from './sources.json'
import start from './start.json'
import terms from './terms.json'

export default {
  catalogue,
  'dead-letters': deadLetters,
  deliveries,
  errors,
  events,
  live,
  now,
  parts,
  session,
  shell,
  sources,
  start,
  terms,
}

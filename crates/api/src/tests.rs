//! The surface over a store in memory: shapes, rights, stories.

mod desk; // A surface with two organisations and a key of every role.
mod outside; // Whatever is outside of it.
mod matrix; // Who may do what.
mod strangers; // What belongs to somebody else.
mod webhooks; // The life of a webhook.
mod refusals; // What a webhook cannot be.
mod challenges; // Receivers that show that they are some.
mod own_types; // What an event type of one's own cannot be.
mod integrations; // Integrations and their ports.
mod mapping; // Code tables and their worklist.
mod keys; // Keys and organisations.
mod rejections; // What doors refused.
mod traces; // Events, deliveries, redrives, the stream.
mod triggers; // Triggers, and trials of them.
mod event_triggers; // Triggers over events.
mod changes; // What a change would do.
mod retention; // The clock of retention.
mod fresh; // Sent again as something new, or now.
mod wire; // Bodies, methods, headers, repeated calls.
mod session; // Signing in, and what a cookie may do.
mod console; // The console, and that nothing else is HTML.
mod sockets; // Clients that listen.
mod subscriptions; // FHIR Subscriptions.
mod live; // Watching what happens.
mod alerts; // Alert rules and alerts.
mod described; // The OpenAPI.

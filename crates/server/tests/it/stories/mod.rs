//! What people rely on, one story each.

mod first_steps; // In by every door, out once, signed.
mod doors; // What each door answers.
mod fhir_door; // And that of FHIR, as FHIR does.
mod commands; // What the binary does beside serving.
mod organisations; // Several on one server, and what each may see of its log.
mod hostile; // Messages that nobody should send.
mod batches; // Several HL7 v2 messages at once.
mod mllp; // Peers that nobody knows, and messages that nobody would send.
mod secured; // MLLP over TLS.
mod hooks; // Third parties.
mod reading; // FHIR servers that are asked.
mod rejections; // What doors refuse is kept.
mod patients; // Safety: the right patient and the right event.
mod mapping; // Safety: what messages and their codes mean.
mod places; // Where each field of a message went.
mod results; // Safety: nobody misses a critical result.
mod corrections; // Safety: what was told is taken back everywhere.
mod changes; // What a change would make of what is stored.
mod triggers; // What people ask of changes beside that.
mod event_triggers; // What people ask of events that come as events.
mod lanes; // Safety: lanes, order and echoes.
mod filters; // What a webhook asks of an event.
mod retries; // What happens when a receiver fails.
mod signatures; // Proof that a delivery is ours.
mod silence; // Why nobody was told.
mod dead_letters; // Given up, and sent again.
mod holding; // Paused, ordered, buffered.
mod challenges; // Receivers that show that they are some.
mod repeats; // The same call again, and what every door does.
mod fields; // What is never taken.
mod formats; // In which shape a receiver is told.
mod templates; // In a shape of its own.
mod subscriptions; // FHIR clients.
mod stream; // Catching up.
mod live; // Watching what happens.
mod session; // Signing in to the console.
mod retention; // The clock that retention goes by.
mod secrets; // What must never be written down.
mod console; // What the operations pages ask.
mod alerts; // When somebody should look.
mod traces; // What took how long, event by event.
mod audit; // Who did what, and proof of it.

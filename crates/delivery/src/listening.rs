//! Telling those who listen at websockets, instead of calling them.

use bytes::Bytes;
use model::{Outcome, Timings, Versioned, Webhook, limits};
use tokio::time::Instant;

use crate::engine::Engine;

/// Sends a message to whoever listens. What nobody receives is not kept for later: its number is
/// given, and the client asks for it.
pub(crate) async fn tell(engine: &Engine, webhook: &Versioned<Webhook>, body: Bytes) -> (Outcome, Timings) {
    let began = Instant::now();
    let within = webhook.timeout.map_or(limits::SOCKET_ANSWERS, Into::into);
    let outcome = engine.ports.sockets.tell(webhook.id, body, within).await;
    let total = u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX);
    (outcome, Timings { total, ..Timings::default() })
}

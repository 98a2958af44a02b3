//! What waits on disk, on its way into memory.

use std::sync::Arc;
use std::time::Duration;

use model::limits;
use observe::Stop;
use store::Handover;
use tokio::time::Instant;

use crate::engine::Engine;

/// Fetches from disk what memory has room for, and wakes what waits there.
pub(crate) async fn run(engine: Arc<Engine>, stop: Stop) {
    let mut looked = Instant::now();
    while !stop.is_stopped() {
        if looked.elapsed() >= LOOK {
            looked = Instant::now();
            fetch_due(&engine).await;
        }
        let ask = engine.desk().next_claim(engine.now());
        let Some(ask) = ask else {
            tokio::select! {
                () = engine.hungry.notified() => {}
                () = tokio::time::sleep(LOOK) => {}
                () = stop.stopped() => {}
            }
            continue;
        };
        let claims = engine.ports.store.claim(ask).await.unwrap_or_else(|error| {
            tracing::error!(%error, "cannot claim deliveries");
            Vec::new()
        });
        engine.desk().claimed(ask, claims.len());
        if claims.is_empty() {
            tokio::time::sleep(BREATH).await;
        }
        engine.take(claims);
    }
}

async fn fetch_due(engine: &Engine) {
    match engine.ports.store.due(engine.ports.clock.now(), limits::CLAIM * 16).await {
        Ok(backlogs) if backlogs.is_empty() => {}
        Ok(backlogs) => engine.desk().spilled(&backlogs, engine.now()),
        Err(error) => tracing::error!(%error, "cannot look for due deliveries"),
    }
}
const LOOK: Duration = Duration::from_millis(500);
const BREATH: Duration = Duration::from_millis(20);

//! From asked for to active, or to an error.

use fhir::notification::Kind;
use model::{Category, Outcome, SubscriptionError, Versioned, Webhook, limits};

use super::{say, turn};
use crate::engine::Engine;

/// Sends the handshake until it is accepted or was tried often enough (guide 1.1.0 @30, @31).
pub(super) async fn shake(engine: &Engine, webhook: &Versioned<Webhook>) {
    let (tries, within) = limits::HANDSHAKES;
    let pause = within / tries;
    tokio::time::sleep(limits::HANDSHAKE_AFTER).await;
    let mut error = SubscriptionError::NoResponse;
    for tried in 1..=tries {
        if !turn::is_present(engine, webhook) {
            return;
        }
        match say(engine, webhook, Kind::Handshake).await {
            Some(Outcome::Accepted { .. }) => {
                engine.care.note(&engine.ports, webhook, None, engine.ports.clock.now());
                return turn::active(engine, webhook).await;
            }
            Some(Outcome::Failed { category, .. }) => {
                error = meant(category);
                if is_final(category) {
                    break;
                }
            }
            None => {}
        }
        if tried < tries {
            tokio::time::sleep(pause).await;
        }
    }
    turn::error(engine, webhook, error).await;
}

/// Tries a Subscription in error once; it is active again if it takes the handshake, and hears by the
/// count of its next message what it missed.
pub(super) async fn probe(engine: &Engine, webhook: &Versioned<Webhook>) {
    if let Some(Outcome::Accepted { .. }) = say(engine, webhook, Kind::Handshake).await {
        engine.care.note(&engine.ports, webhook, None, engine.ports.clock.now());
        turn::active(engine, webhook).await;
    }
}

/// Whether the receiver has understood and said no.
const fn is_final(category: Category) -> bool {
    matches!(
        category,
        Category::Http4xx | Category::Http401403 | Category::Http410 | Category::RedirectRefused
    )
}

fn meant(category: Category) -> SubscriptionError {
    if category == Category::Dns {
        SubscriptionError::DnsResolutionError
    } else {
        SubscriptionError::NoResponse
    }
}

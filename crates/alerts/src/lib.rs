//! Looks at alert rules, opens and ends alerts, and tells people.
//!
//! The rules of deciding are `observe::alerts`; here is what carries them out.
//! `Evaluator` looks every few seconds: `world` gathers what rules look at,
//! `round` decides for every rule and target. `Notifier` tells who is to be
//! told: `due` says whom now, `news` and `letter` say what. Both keep what they
//! know in the store, so that a restart forgets no alert and no notice.

mod evaluator; // The loop that looks.
mod world; // What rules look at.
mod round; // One look at everything.
mod notifier; // The loop that tells.
mod due; // Who is to be told now.
mod recipients; // Who a rule names.
mod news; // An alert as an operational event.
mod letter; // Alerts as an e-mail.
#[cfg(test)]
mod tests;

use std::sync::Arc;

use model::{Announce, Certificates, Clock, Ids, Post};
use observe::Metrics;
use privacy::Keyring;
use settings::Settings;
use store::Store;

pub use evaluator::Evaluator;
pub use notifier::Notifier;

/// What alerts stand on.
#[derive(Clone)]
pub struct Ports {
    /// Where alerts are kept.
    pub store: Arc<dyn Store>,
    /// The live configuration.
    pub settings: Arc<Settings>,
    /// Knows people by HMAC.
    pub keyring: Arc<Keyring>,
    /// Raises operational events.
    pub announce: Arc<dyn Announce>,
    /// Sends letters; none without a mail server.
    pub post: Option<Arc<dyn Post>>,
    /// Knows receivers' certificates.
    pub certificates: Arc<dyn Certificates>,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Mints alert ids.
    pub ids: Arc<Ids>,
    /// What happened of late, and how many alerts there are.
    pub metrics: Arc<Metrics>,
    /// Where people open the console, without a slash at the end.
    pub console: String,
}

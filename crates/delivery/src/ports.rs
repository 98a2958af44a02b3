//! What delivery stands on.

use std::sync::Arc;

use model::{Announce, Clock, Ids, Proof, Sockets};
use observe::{Metrics, live};
use privacy::{Keyring, Warm};
use settings::Settings;
use store::Store;

use crate::attempt::Caller;

/// What the engine stands on.
pub struct Ports {
    /// Where deliveries are kept.
    pub store: Arc<dyn Store>,
    /// The live configuration.
    pub settings: Arc<Settings>,
    /// Opens what is sealed.
    pub keyring: Arc<Keyring>,
    /// Contents that were accepted a moment ago.
    pub warm: Arc<Warm>,
    /// Makes the calls.
    pub caller: Arc<Caller>,
    /// Reaches those who listen instead of being called.
    pub sockets: Arc<dyn Sockets>,
    /// Tells of webhooks that were given up.
    pub announce: Arc<dyn Announce>,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Mints attempt ids.
    pub ids: Arc<Ids>,
    /// Counts.
    pub metrics: Arc<Metrics>,
    /// What is told to who watches: attempts, ends, webhooks, redrives.
    pub feed: live::Feed,
    /// How receivers are taken that have not shown that they are some.
    pub proof: Proof,
}

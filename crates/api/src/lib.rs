//! The admin HTTP surface: one folder per noun, one file per call.
//!
//! A call of any door passes through `front` (headers, access log). Ours then pass `again` (its
//! `Idempotency-Key`), `caller` (who asks) and the file of its own name, which
//! reads like a sentence: may the caller, is it there, is what was asked
//! acceptable, change or look, answer. Whatever goes wrong becomes a `Refused`.
//! `routes` is the list of all calls; `description` makes the OpenAPI of it.

mod front; // Headers of every answer, and the access log.
mod again; // Which writes are repeated for the same Idempotency-Key.
mod caller; // Who asks.
mod at; // Ids in a path.
mod params; // What stands behind the question mark.
mod body; // JSON that comes in.
mod why; // Why somebody reads what is about people.
mod strict; // JSON becomes a type, or a problem with a place.
mod address; // Addresses that somebody names.
mod page; // Lists.
mod etag; // Which version a change builds on.
mod change; // Changing the configuration, audited.
mod refused; // Whatever goes wrong.
mod fresh; // New deliveries of old events.
mod percent; // Latencies from buckets.
mod request; // A request as it is shown.
mod rendered; // The body that a delivery would have.
mod integrations; // `/admin/integration`.
mod presets; // `/admin/presets`.
mod webhooks; // `/admin/integration/{id}/webhooks`.
mod overview; // `/admin/overview`.
mod sources; // `/admin/sources`.
mod events; // `/admin/events`.
mod deliveries; // `/admin/deliveries`.
mod redrives; // `/admin/redrives`.
mod rejections; // `/admin/rejections`.
mod dead_letters; // `/admin/dead-letters`.
mod monitoring; // `/admin/monitoring`.
mod event_types; // `/admin/event-types`.
mod packs; // `/admin/packs`.
mod organisations; // `/admin/organisations`.
mod keys; // `/admin/keys`.
mod triggers; // `/admin/triggers`.
mod alert_rules; // `/admin/alert-rules`.
mod mapping; // `/admin/integration/{id}/mapping` and `worklist`.
mod changes; // `/admin/changes/preview`.
mod alerts; // `/admin/alerts`.
mod audit_log; // `/admin/audit`.
mod retention; // `/admin/retention`.
mod audit_verify; // `/admin/audit/verify`.
mod egress; // `/admin/egress`.
mod search; // `/admin/search`.
mod live; // `/admin/live`.
mod session; // `/session`.
mod console; // `/`: the console.
pub mod error_pages; // The pages of error codes, for `/docs/errors` and `carehook explain`.
mod facade; // `/fhir`.
mod stream; // `/stream`.
mod system; // `/admin/health`.
mod jwks; // `/.well-known/jwks.json`.
mod health; // `/healthz`, `/readyz`, `/metrics`, `/openapi.json`.
mod later; // What this version cannot do yet.
mod test_receiver; // Takes calls of trials.
mod routes; // All of it.
mod description; // The OpenAPI of it.
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use model::{
    Challenge, Clock, Foretell, Ids, Listeners, Proof, Readings, Readmit, Region, Rehearse, Secret, Senders,
    Span,
};
use observe::live::Feed;
use observe::{Metrics, Stop};
use privacy::Keyring;
use privacy::session::Sessions;
use repeats::Repeats;
use settings::Settings;
use store::Store;
use ui_assets::Console;
use utoipa::openapi::OpenApi;

pub use audit_verify::Verifications;
pub use facade::Sockets;
pub use front::fronted;
pub use retention::Retention;
pub use routes::router;
pub use test_receiver::PATH as TEST_RECEIVER;

/// Everything that the calls stand on. Cheap to clone.
#[derive(Clone)]
pub struct Api {
    /// What is stored.
    pub store: Arc<dyn Store>,
    /// What is configured.
    pub settings: Arc<Settings>,
    /// Opens what is sealed.
    pub keyring: Arc<Keyring>,
    /// Test sends.
    pub rehearse: Arc<dyn Rehearse>,
    /// MLLP ports.
    pub listeners: Arc<dyn Listeners>,
    /// Third parties that can be connected.
    pub presets: ::presets::Library,
    /// Takes in what was quarantined.
    pub readmit: Arc<dyn Readmit>,
    /// Tells what a change would make of what is stored.
    pub foretell: Arc<dyn Foretell>,
    /// How reading outside servers goes.
    pub readings: Arc<dyn Readings>,
    /// What the senders know of their destinations.
    pub senders: Arc<dyn Senders>,
    /// Asks receivers to show that they are some.
    pub challenge: Arc<dyn Challenge>,
    /// What `/metrics` prints.
    pub metrics: Arc<Metrics>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<Ids>,
    /// What `/admin/live` tells.
    pub feed: Feed,
    /// Checks of the audit chain.
    pub verified: Arc<Verifications>,
    /// Writes with an `Idempotency-Key`.
    pub repeats: Arc<Repeats>,
    /// How the doors describe themselves.
    pub doors: Arc<OpenApi>,
    /// Who is signed in.
    pub sessions: Arc<Sessions>,
    /// Clients that listen at websockets.
    pub sockets: Arc<Sockets>,
    /// The console's files.
    pub console: Console,
    /// Ends the streams when the server stops.
    pub stop: Stop,
    /// How this installation is run.
    pub options: Options,
}

/// How an installation is run.
#[derive(Debug, Clone)]
pub struct Options {
    /// `--dev`: plain HTTP destinations, no conditions of TLS on `full`, no challenges.
    pub dev: bool,
    /// How clients reach the HTTP port.
    pub front: Front,
    /// The time zone of integrations that name none.
    pub time_zone: Option<String>,
    /// The region of integrations that name none.
    pub region: Region,
    /// The longest horizon that a webhook may ask for.
    pub horizon_most: Duration,
    /// How long things are kept.
    pub retention: Retention,
    /// The key of the audit chain.
    pub audit_key: Secret<[u8; 32]>,
    /// Where the head of the chain is repeated outside the store.
    pub audit_anchor: Option<PathBuf>,
    /// Where the master key lies.
    pub key_file: Option<PathBuf>,
    /// Whether there is a mail server for notices.
    pub mails: bool,
    /// Where the test receiver is, if this server has one.
    pub test_receiver: Option<String>,
}

impl Options {
    /// How receivers are taken that have not shown that they are some (C13).
    #[must_use]
    pub const fn proof(&self) -> Proof {
        if self.dev { Proof::Waived } else { Proof::Owed }
    }
}

/// How clients reach the HTTP port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Front {
    /// Directly, without TLS.
    Plain,
    /// Directly, over TLS of our own.
    Tls,
    /// Through a proxy that ends TLS and says in `X-Forwarded-For` who asks.
    Proxy,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            dev: false,
            front: Front::Plain,
            time_zone: None,
            region: Region::Us,
            horizon_most: HORIZON_MOST,
            retention: Retention { bodies: YEAR, dead_letters: YEAR, log: YEAR, audit: YEAR },
            audit_key: Secret::new([0; 32]),
            audit_anchor: None,
            key_file: None,
            mails: false,
            test_receiver: None,
        }
    }
}

const YEAR: Span = Span::secs(366 * 86_400);
/// What the default retention of the log leaves: 90 days less a week.
const HORIZON_MOST: Duration = Duration::from_secs(83 * 86_400);

/// The description of every call, generated from the code; `doors` is what the doors say of themselves.
#[must_use]
pub fn openapi(doors: OpenApi) -> OpenApi {
    routes::described(doors)
}

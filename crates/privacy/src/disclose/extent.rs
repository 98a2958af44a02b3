//! Which parts of an event a webhook is told, for people who ask why it knows what it knows.

use model::{Format, Profile, Webhook};

/// The parts of an event, each in one of three lists: `subject`, `object` and `data`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Told as they are.
    pub named: &'static [&'static str],
    /// Told by the recipient's own pseudonym.
    pub pseudonymous: &'static [&'static str],
    /// Not told.
    pub left_out: &'static [&'static str],
}

/// What [`disclose`](super::disclose) tells `webhook`; a template can leave out more.
#[must_use]
pub fn extent(webhook: &Webhook) -> Extent {
    let parts = |named, pseudonymous, left_out| Extent { named, pseudonymous, left_out };
    match (webhook.profile, webhook.format) {
        (Profile::Ping, _) => parts(&[], &[], &["subject", "object", "data"]),
        (Profile::Reference, _) => parts(&[], &["subject", "object"], &["data"]),
        (Profile::Full, Format::Native | Format::Cloudevents) => {
            parts(&["subject", "data"], &["object"], &[])
        }
        // The resource, or what was received, carries ids of its own.
        (Profile::Full, _) => parts(&["subject", "object", "data"], &[], &[]),
    }
}

//! What a Subscription tells its subscriber, in the three shapes that FHIR gives it.
//!
//! R4 carries the status as `Parameters`, R4B and R5 as `SubscriptionStatus`; the
//! first two as the Subscriptions R5 Backport guide 1.1.0 says. `status` makes the
//! status, `entries` what it is about, `check` tells what is wrong with a Bundle.

mod status; // The first entry.
mod entries; // The others.
mod check; // The rules, for tests.

use model::{FhirVersion, Timestamp};
use serde_json::{Value, json};

use crate::bundle::Interaction;

pub use self::check::{Flaw, check};

/// One message of a Subscription. The same values give the same bytes.
#[derive(Debug, Clone)]
pub struct Notification {
    /// The shape.
    pub version: FhirVersion,
    /// What the message is for.
    pub kind: Kind,
    /// How much it may say.
    pub content: Content,
    /// Becomes the id of the Bundle and of its status: another message, another number.
    pub id: u128,
    /// Where the Subscription is: a URL that ends in `Subscription/{id}`.
    pub subscription: String,
    /// How the Subscription stands.
    pub status: Status,
    /// The canonical URL of the topic; left out at [`Content::Empty`], since it may tell who is meant.
    pub topic: Option<String>,
    /// How many events the Subscription has had.
    pub events_since_start: u64,
    /// What happened, by rising number; told by [`Kind::EventNotification`] and [`Kind::QueryEvent`] only.
    pub events: Vec<Event>,
    /// What is wrong with the Subscription, by the codes of `subscription-error`.
    pub errors: Vec<Coding>,
    /// When the message was made.
    pub timestamp: Timestamp,
    /// Whether it is about made-up people (T1).
    pub test: bool,
}

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// To learn whether the subscriber is there.
    Handshake,
    /// To show that we are.
    Heartbeat,
    /// To tell what happened.
    EventNotification,
    /// The answer of `$status`.
    QueryStatus,
    /// The answer of `$events`.
    QueryEvent,
}

impl Kind {
    /// The code of FHIR.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Kind::Handshake => "handshake",
            Kind::Heartbeat => "heartbeat",
            Kind::EventNotification => "event-notification",
            Kind::QueryStatus => "query-status",
            Kind::QueryEvent => "query-event",
        }
    }

    const fn tells_events(self) -> bool {
        matches!(self, Kind::EventNotification | Kind::QueryEvent)
    }
}

/// How much a message may say, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Content {
    /// That something happened.
    Empty,
    /// Which resource it is about.
    IdOnly,
    /// The resource.
    FullResource,
}

impl Content {
    /// The code of FHIR.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Content::Empty => "empty",
            Content::IdOnly => "id-only",
            Content::FullResource => "full-resource",
        }
    }
}

/// How a Subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Asked for, not yet proven.
    Requested,
    /// Told of what happens.
    Active,
    /// Could not be told.
    Error,
    /// Over.
    Off,
}

impl Status {
    /// The code of FHIR.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Status::Requested => "requested",
            Status::Active => "active",
            Status::Error => "error",
            Status::Off => "off",
        }
    }
}

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its number in its Subscription, from 1.
    pub number: u64,
    /// When it happened.
    pub timestamp: Option<Timestamp>,
    /// The resource that it is about.
    pub focus: Option<Entry>,
    /// What belongs to it.
    pub context: Vec<Entry>,
    /// What raised it, as US Core's patient data feed tells it; only R4 has a place for it.
    pub triggers: Vec<Coding>,
}

/// A resource, and what was done to it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Where it is: an absolute URL without a version, or a `urn:uuid:`.
    pub full_url: String,
    /// Its type.
    pub resource_type: String,
    /// Its id.
    pub id: String,
    /// What was done.
    pub interaction: Interaction,
    /// The resource, for [`Content::FullResource`]; absent where there is none any more.
    pub resource: Option<Value>,
}

/// A code with its system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coding {
    /// The system.
    pub system: String,
    /// The code.
    pub code: String,
    /// What people call it.
    pub display: Option<String>,
}

impl Coding {
    fn to_value(&self) -> Value {
        let mut coding = json!({ "system": self.system, "code": self.code });
        if let Some(display) = &self.display {
            coding["display"] = display.as_str().into();
        }
        coding
    }
}

const GUIDE: &str = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition";

/// The Bundle of a notification, as JSON.
#[must_use]
pub fn bundle(notification: &Notification) -> String {
    if notification.kind == Kind::QueryStatus {
        let address = format!("{}/$status", notification.subscription);
        return statuses(
            notification.version,
            std::slice::from_ref(notification),
            (&address, notification.timestamp),
        );
    }
    let is_r5 = notification.version == FhirVersion::R5;
    let mut bundle = json!({ "resourceType": "Bundle", "id": uuid(notification.id) });
    match notification.version {
        FhirVersion::R4 => bundle["meta"] = profile("backport-subscription-notification-r4"),
        FhirVersion::R4B => bundle["meta"] = profile("backport-subscription-notification"),
        FhirVersion::R5 => {}
    }
    if notification.test {
        let tag = json!({ "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST" });
        bundle["meta"]["tag"] = json!([tag]);
    }
    bundle["type"] = if is_r5 { "subscription-notification" } else { "history" }.into();
    bundle["timestamp"] = notification.timestamp.to_string().into();
    let mut listed = vec![first(notification)];
    listed.extend(entries::of(notification));
    bundle["entry"] = listed.into();
    bundle.to_string()
}

/// The Bundle that answers `$status`: one status for each Subscription.
/// `address` is where it was asked for.
#[must_use]
pub fn statuses(version: FhirVersion, of: &[Notification], (address, at): (&str, Timestamp)) -> String {
    let mut bundle = json!({
        "resourceType": "Bundle",
        "type": "searchset",
        "timestamp": at.to_string(),
        "total": of.len(),
        // R5 bdl-18 asks for it; elsewhere it does no harm.
        "link": [{ "relation": "self", "url": address }],
    });
    let listed = of.iter().map(|one| {
        json!({
            "fullUrl": format!("urn:uuid:{}", uuid(one.id)),
            "resource": status::resource(&Notification { version, kind: Kind::QueryStatus, ..one.clone() }),
            "search": { "mode": "match" },
        })
    });
    let listed: Vec<Value> = listed.collect();
    // FHIR has no empty lists.
    if !listed.is_empty() {
        bundle["entry"] = listed.into();
    }
    bundle.to_string()
}

/// The status, with the request that would ask for it (guide 1.1.0 @15).
fn first(notification: &Notification) -> Value {
    json!({
        "fullUrl": format!("urn:uuid:{}", uuid(notification.id)),
        "resource": status::resource(notification),
        "request": { "method": "GET", "url": format!("{}/$status", notification.subscription) },
        "response": { "status": "200" },
    })
}

fn profile(name: &str) -> Value {
    json!({ "profile": [format!("{GUIDE}/{name}")] })
}

/// A number as a UUID of version 8 (RFC 9562): whatever we put into it.
fn uuid(number: u128) -> String {
    let version = (number & !(0xF << 76)) | (0x8 << 76);
    let marked = (version & !(0x3 << 62)) | (0x2 << 62);
    let hex = format!("{marked:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;

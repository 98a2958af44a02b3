//! What doors refused: kept, so that nothing is turned away without a trace.

use std::net::IpAddr;

use model::{Code, Door, IntegrationId, OrganisationId, RejectionId, Timestamp};
use serde::{Deserialize, Serialize};

/// A request or message that a door refused after it knew the integration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Its id.
    pub id: RejectionId,
    /// Who it belongs to.
    pub organisation: OrganisationId,
    /// Where it came in.
    pub integration: IntegrationId,
    /// By which door.
    pub door: Door,
    /// When.
    pub at: Timestamp,
    /// Why, as a code.
    pub code: Code,
    /// Why precisely: names and places, never content.
    pub reason: String,
    /// The address that called.
    pub peer: Option<IpAddr>,
    /// The size of the body, as far as it is known.
    pub bytes: u64,
    /// Whether it can still become events.
    pub standing: Standing,
    /// Whether the body is kept whole; a read of the store says whether it still is.
    pub kept: Kept,
}

/// Whether a rejection can still become events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// The sender heard that it was refused, and keeps it.
    Listed,
    /// The sender heard that it was taken: it is ours to keep until its cause is mended.
    Quarantined,
    /// It was quarantined and has become events since.
    Replayed,
}

/// How much of a body is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kept {
    /// All of it.
    Whole,
    /// Its beginning.
    Part,
    /// Nothing, or nothing any more.
    Nothing,
}

/// Rejections of which only the number is kept: too many came at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surplus {
    /// Who they belong to.
    pub organisation: OrganisationId,
    /// Where they came in.
    pub integration: IntegrationId,
    /// Hours since 1970.
    pub hour: i64,
    /// Why, as a code.
    pub code: Code,
    /// How many.
    pub count: u64,
}

/// Which rejections.
#[derive(Debug, Clone, Default)]
pub struct RejectionFilter {
    /// Of whom; always set by the admin surface.
    pub organisation: Option<OrganisationId>,
    /// Where they came in.
    pub integration: Option<IntegrationId>,
    /// By which door.
    pub door: Option<Door>,
    /// For this reason.
    pub code: Option<Code>,
    /// How they stand.
    pub standing: Option<Standing>,
    /// Refused at or after.
    pub from: Option<Timestamp>,
    /// Refused before.
    pub to: Option<Timestamp>,
}

/// How often an integration refused for a reason.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RejectionTotal {
    /// Where.
    pub integration: IntegrationId,
    /// The name of the code.
    pub code: &'static str,
    /// How often, those that are only counted included.
    pub count: u64,
}

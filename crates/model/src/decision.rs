//! Who wanted an event, and who nearly did.

use serde::{Deserialize, Serialize};

use crate::{DeliveryId, WebhookId};

/// Why a webhook got an event, or nearly did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// The webhook.
    pub webhook: WebhookId,
    /// The delivery, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryId>,
    /// Why.
    pub reason: DecisionReason,
}

/// The reason of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionReason {
    /// It is wanted and allowed.
    Matched,
    /// A more severe event of the same object goes to this webhook (N6).
    Superseded,
    /// The event comes from an integration that the webhook does not hear.
    OtherSource,
    /// The object type is not wanted.
    OtherObjectType,
    /// The object is not wanted.
    OtherObject,
    /// The filter of the webhook, or a condition of the Subscription, does not hold for the event.
    Filtered,
    /// The filter of the webhook cannot be decided for the event (P5).
    Undecided,
    /// A test event, and the webhook takes none (T1).
    TestRefused,
    /// The event came from this very destination, or through too many systems (C8).
    Echo,
    /// The webhook's own event, which it never hears.
    Own,
    /// A person had it sent again as a delivery of its own.
    Replayed,
    /// The Subscription is not active.
    Inactive,
}

impl DecisionReason {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            DecisionReason::Matched => "matched",
            DecisionReason::Superseded => "superseded",
            DecisionReason::OtherSource => "other_source",
            DecisionReason::OtherObjectType => "other_object_type",
            DecisionReason::OtherObject => "other_object",
            DecisionReason::Filtered => "filtered",
            DecisionReason::Undecided => "undecided",
            DecisionReason::TestRefused => "test_refused",
            DecisionReason::Echo => "echo",
            DecisionReason::Own => "own",
            DecisionReason::Replayed => "replayed",
            DecisionReason::Inactive => "inactive",
        }
    }
}

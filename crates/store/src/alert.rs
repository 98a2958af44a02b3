//! Alerts: that a rule held of a target, from when until when, and who was told.

use model::{AlertId, AlertRuleId, AlertTarget, KeyId, OrganisationId, Severity, Timestamp, WebhookId};
use serde::{Deserialize, Serialize};

/// One outage as one rule saw it.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// Its id.
    pub id: AlertId,
    /// Who it belongs to.
    pub organisation: OrganisationId,
    /// The rule that holds.
    pub rule: AlertRuleId,
    /// Of whom.
    pub target: AlertTarget,
    /// How much it matters.
    pub severity: Severity,
    /// The worst value so far.
    pub value: f64,
    /// The threshold that it is beyond.
    pub threshold: f64,
    /// Since when.
    pub since: Timestamp,
    /// Until when; none while it is open.
    pub resolved: Option<Timestamp>,
    /// Who has taken notice, and when. Whoever writes the alert does not change it.
    pub acknowledged: Option<(Timestamp, KeyId)>,
    /// Who is told. Whoever moves the alert on does not change it.
    pub notices: Vec<Notice>,
}

impl Alert {
    /// Whether something is still to be done about it: it is open, or somebody is still to be told.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.resolved.is_none() || self.notices.iter().any(|notice| notice.state == NoticeState::Owed)
    }
}

/// That one recipient is to be told of one alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    /// Who.
    pub to: Recipient,
    /// Whether it was done.
    pub state: NoticeState,
    /// Attempts that failed.
    pub attempts: u16,
    /// When it was sent or given up, or when it is tried next.
    pub at: Timestamp,
    /// Why the last attempt failed: a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Who is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Recipient {
    /// A person: the address as an HMAC.
    Email([u8; 16]),
    /// The webhooks that name the type of its operational event.
    Subscribers,
    /// A webhook that the rule names, by the same event.
    Webhook(WebhookId),
}

/// Whether a recipient was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NoticeState {
    /// Not yet.
    Owed,
    /// It was.
    Sent,
    /// It was tried often enough.
    Failed,
    /// The alert or the recipient went before.
    Dropped,
}

/// Which alerts.
#[derive(Debug, Clone, Default)]
pub struct AlertFilter {
    /// Of whom; always set by the admin surface.
    pub organisation: Option<OrganisationId>,
    /// Only open ones, or only past ones.
    pub is_open: Option<bool>,
    /// Of one rule.
    pub rule: Option<AlertRuleId>,
    /// About one target.
    pub target: Option<AlertTarget>,
    /// That began at or after.
    pub from: Option<Timestamp>,
    /// That began before.
    pub to: Option<Timestamp>,
}

/// The oldest delivery that a webhook is owed in a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Oldest {
    /// The destination.
    pub webhook: WebhookId,
    /// The lane.
    pub lane: model::Lane,
    /// Since when it is owed.
    pub since: Timestamp,
    /// How many are.
    pub count: u64,
}

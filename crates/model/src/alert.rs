//! When somebody should look: a rule over a signal, and what it is true of.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{AlertRuleId, IntegrationId, Lane, OrganisationId, Pattern, Span, Timestamp, WebhookId};

/// A rule: it holds of a target while its signal is beyond its threshold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertRule {
    /// Its id.
    pub id: AlertRuleId,
    /// Who it belongs to.
    pub organisation_id: OrganisationId,
    /// Its name, as people know it.
    pub name: String,
    /// What it watches.
    pub on: Signal,
    /// Of whom.
    pub scope: AlertScope,
    /// Beyond what, in the unit of the signal.
    pub threshold: f64,
    /// The span over which it is measured.
    pub window: Span,
    /// How much it matters.
    pub severity: Severity,
    /// Who is told.
    pub notify: Vec<Notify>,
    /// Whether it is looked at.
    pub active: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

impl AlertRule {
    /// Whether a value of the signal is beyond the threshold.
    #[must_use]
    pub fn is_breached_by(&self, value: f64) -> bool {
        if self.on.is_worse_below() { value < self.threshold } else { value > self.threshold }
    }

    /// The worse of two values of the signal.
    #[must_use]
    pub fn worse(&self, one: f64, other: f64) -> f64 {
        if self.on.is_worse_below() { one.min(other) } else { one.max(other) }
    }

    /// Whether its scope takes in a webhook of an integration.
    #[must_use]
    pub fn covers(&self, webhook: WebhookId, integration: IntegrationId) -> bool {
        self.scope.webhook_id.is_none_or(|wanted| wanted == webhook) && self.covers_source(integration)
    }

    /// Whether its scope takes in an integration.
    #[must_use]
    pub fn covers_source(&self, integration: IntegrationId) -> bool {
        self.scope.integration_id.is_none_or(|wanted| wanted == integration)
    }

    /// Whether its scope takes in a lane.
    #[must_use]
    pub fn covers_lane(&self, lane: Lane) -> bool {
        self.scope.lane.is_none_or(|wanted| wanted == lane)
    }

    /// Whether its scope takes in an event type.
    #[must_use]
    pub fn covers_type(&self, event_type: &str) -> bool {
        self.scope.event_type.as_ref().is_none_or(|pattern| pattern.matches(event_type))
    }
}

/// What a rule watches. Test events never count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// The 95th percentile of the duration of attempts, in milliseconds.
    Latency,
    /// The share of attempts that brought a 2xx, in percent.
    SuccessRate,
    /// The age of the oldest delivery owed, in seconds.
    BacklogAge,
    /// The time since a source sent its last event, in seconds.
    SilentSource,
    /// Deliveries given up within the window.
    DeadLetters,
    /// Whether a webhook is disabled, or paused because its receiver said that it is gone: 1 or 0.
    WebhookState,
    /// Inputs of an integration refused within the window.
    Rejections,
    /// Inputs refused within the window because nothing proved who sent them.
    SignatureFailures,
    /// Changes within the window of which a trigger of the critical lane could not tell whether it holds (P5).
    UndecidedTriggers,
    /// The time until the certificate of a receiver ends, in days.
    CertificateExpiry,
}

impl Signal {
    /// All signals.
    pub const ALL: [Signal; 10] = [
        Signal::Latency,
        Signal::SuccessRate,
        Signal::BacklogAge,
        Signal::SilentSource,
        Signal::DeadLetters,
        Signal::WebhookState,
        Signal::Rejections,
        Signal::SignatureFailures,
        Signal::UndecidedTriggers,
        Signal::CertificateExpiry,
    ];

    /// Its name in JSON and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Signal::Latency => "latency",
            Signal::SuccessRate => "success_rate",
            Signal::BacklogAge => "backlog_age",
            Signal::SilentSource => "silent_source",
            Signal::DeadLetters => "dead_letters",
            Signal::WebhookState => "webhook_state",
            Signal::Rejections => "rejections",
            Signal::SignatureFailures => "signature_failures",
            Signal::UndecidedTriggers => "undecided_triggers",
            Signal::CertificateExpiry => "certificate_expiry",
        }
    }

    /// Whether a low value is the bad one.
    #[must_use]
    pub const fn is_worse_below(self) -> bool {
        matches!(self, Signal::SuccessRate | Signal::CertificateExpiry)
    }

    /// Whether its targets are integrations; otherwise they are webhooks.
    #[must_use]
    pub const fn is_of_sources(self) -> bool {
        matches!(
            self,
            Signal::SilentSource | Signal::Rejections | Signal::SignatureFailures | Signal::UndecidedTriggers
        )
    }
}

/// Of whom a rule speaks; what is absent takes in everything of the organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AlertScope {
    /// Of one webhook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_id: Option<WebhookId>,
    /// Of event types.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_type: Option<Pattern>,
    /// Of one lane.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lane: Option<Lane>,
    /// Of one integration, or of the webhooks that hang under it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub integration_id: Option<IntegrationId>,
}

/// How much an alert matters, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Look today.
    Warning,
    /// Look now.
    Critical,
}

impl Severity {
    /// All, the least first.
    pub const ALL: [Severity; 3] = [Severity::Info, Severity::Warning, Severity::Critical];

    /// Its name in JSON, notices and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Critical => "critical",
        }
    }
}

/// Who is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", rename_all_fields = "camelCase", tag = "kind", deny_unknown_fields)]
pub enum Notify {
    /// People, by e-mail.
    Email {
        /// Their addresses.
        to: Vec<EmailAddress>,
    },
    /// A webhook, by an operational event; it need not name the type.
    Webhook {
        /// The webhook.
        webhook_id: WebhookId,
    },
}

/// What an alert is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlertTarget {
    /// A destination.
    Webhook(WebhookId),
    /// A source.
    Integration(IntegrationId),
}

impl fmt::Display for AlertTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AlertTarget::Webhook(id) => id.fmt(f),
            AlertTarget::Integration(id) => id.fmt(f),
        }
    }
}

/// An address that a mail server can be given: nothing in it breaks out of a command or a header.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text is not an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address such as ward@hospital.example")]
pub struct MalformedAddress;

impl FromStr for EmailAddress {
    type Err = MalformedAddress;

    fn from_str(text: &str) -> Result<Self, MalformedAddress> {
        // RFC 5321 §4.5.3.1: 64 octets before the @, 254 in all. Quoted and
        // non-ASCII local parts are left out: many servers refuse them.
        let (local, domain) = text.rsplit_once('@').ok_or(MalformedAddress)?;
        let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
        let label = |part: &str| {
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
            !part.is_empty() && part.len() <= 63 && part.chars().all(plain) && !part.starts_with('-')
        };
        let is_local = !local.is_empty() && local.len() <= 64 && local.chars().all(atom);
        let is_dotted = local.split('.').all(|part| !part.is_empty());
        if text.len() > 254 || !is_local || !is_dotted || !domain.split('.').all(label) {
            return Err(MalformedAddress);
        }
        Ok(EmailAddress(text.to_owned()))
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = MalformedAddress;

    fn try_from(text: String) -> Result<Self, MalformedAddress> {
        text.parse()
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> String {
        address.0
    }
}

impl fmt::Debug for EmailAddress {
    // It names a person, so no log shows it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("personal")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_nothing_that_breaks_out_of_a_command() {
        for text in ["ward@hospital.example", "a.b+c@h", "o'neil@st-mary.nhs.uk"] {
            assert!(text.parse::<EmailAddress>().is_ok(), "{text}");
        }
        for text in ["", "ward", "@h", "a@", "a b@h", "a@h\r\nRCPT TO:<x@y>", "a>@h", "a..b@h", "é@h", "a@-h"]
        {
            assert!(text.parse::<EmailAddress>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_name_is_what_json_says() {
        for signal in Signal::ALL {
            assert_eq!(serde_json::to_value(signal).unwrap(), signal.name());
        }
        for severity in Severity::ALL {
            assert_eq!(serde_json::to_value(severity).unwrap(), severity.name());
        }
    }
}

//! One event owed to one destination, and the calls made for it.

use serde::{Deserialize, Serialize};

use crate::{AttemptId, DeliveryId, EventId, TemplateVersion, Timestamp, WebhookId};

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Owed and due.
    Pending,
    /// Owed; the next attempt has a time.
    Waiting,
    /// Owed; something must happen first.
    Held,
    /// The receiver took it.
    Delivered,
    /// Given up after its horizon, or its webhook is disabled; can be redriven.
    DeadLettered,
    /// A person ended it, or its webhook is gone.
    Cancelled,
    /// Policy no longer lets it out.
    Withheld,
    /// Retention ended it.
    Expired,
}

impl DeliveryState {
    /// Whether nothing more will happen by itself.
    #[must_use]
    pub const fn is_finished(self) -> bool {
        matches!(self, Self::Delivered | Self::Cancelled | Self::Withheld | Self::Expired)
    }
}

/// Why a delivery is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldReason {
    /// An earlier one of the same order key is still owed.
    Ordering,
    /// The breaker is tripped.
    Breaker,
    /// The node is busy and the lane can wait.
    Buffered,
    /// The webhook is paused.
    Paused,
    /// The receiver has not yet shown that it is one.
    Unproven,
}

/// What one call brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A 2xx, or a websocket that has received it.
    Accepted {
        /// The status, where there is one.
        status: Option<u16>,
    },
    /// Anything else.
    Failed {
        /// What went wrong.
        category: Category,
        /// The status, if there was one.
        status: Option<u16>,
        /// What the receiver asked for by `Retry-After`.
        retry_after: Option<std::time::Duration>,
    },
}

/// One call for a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// The delivery it was made for.
    pub delivery: DeliveryId,
    /// The event of the delivery.
    pub event: EventId,
    /// The destination.
    pub webhook: WebhookId,
    /// Its number, from 1.
    pub number: u16,
    /// When it began.
    pub began: Timestamp,
    /// The status, if there was one.
    pub status: Option<u16>,
    /// What went wrong; none for a success.
    pub error: Option<Category>,
    /// How long each part took, in microseconds.
    pub timings: Timings,
    /// When the next attempt is due, if there is one.
    pub next: Option<Timestamp>,
    /// The template that shaped the body, if one did.
    pub template: Option<TemplateVersion>,
}

/// How long the parts of an attempt took, in microseconds; zero for a part that was not needed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Timings {
    /// Resolving the name.
    pub dns: u32,
    /// Connecting.
    pub connect: u32,
    /// The TLS handshake.
    pub tls: u32,
    /// From the first byte sent to the first byte of the answer.
    pub first_byte: u32,
    /// The whole attempt.
    pub total: u32,
}

/// What went wrong with an attempt: a closed set, each with a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "docs/errors has a page for each")]
#[repr(u8)]
pub enum Category {
    Dns = 1,
    ConnectRefused = 2,
    ConnectTimeout = 3,
    ConnectionLost = 4,
    ProtocolError = 5,
    TlsHandshake = 6,
    TlsExpired = 7,
    TlsUntrusted = 8,
    TlsName = 9,
    #[serde(rename = "http_4xx")]
    Http4xx = 10,
    #[serde(rename = "http_401_403")]
    Http401403 = 11,
    #[serde(rename = "http_410")]
    Http410 = 12,
    #[serde(rename = "http_429")]
    Http429 = 13,
    #[serde(rename = "http_5xx")]
    Http5xx = 14,
    ReadTimeout = 15,
    ResponseTooLarge = 16,
    ResponseTruncated = 17,
    RedirectRefused = 18,
    PolicyWithheld = 19,
    BreakerTripped = 20,
    NetworkBlocked = 21,
    Internal = 22,
    NotBound = 23,
    TemplateFailed = 24,
    ChallengeFailed = 25,
}

impl Category {
    /// All categories, in the order of their numbers.
    pub const ALL: [Category; 25] = [
        Category::Dns,
        Category::ConnectRefused,
        Category::ConnectTimeout,
        Category::ConnectionLost,
        Category::ProtocolError,
        Category::TlsHandshake,
        Category::TlsExpired,
        Category::TlsUntrusted,
        Category::TlsName,
        Category::Http4xx,
        Category::Http401403,
        Category::Http410,
        Category::Http429,
        Category::Http5xx,
        Category::ReadTimeout,
        Category::ResponseTooLarge,
        Category::ResponseTruncated,
        Category::RedirectRefused,
        Category::PolicyWithheld,
        Category::BreakerTripped,
        Category::NetworkBlocked,
        Category::Internal,
        Category::NotBound,
        Category::TemplateFailed,
        Category::ChallengeFailed,
    ];

    /// The category with this number; stores write numbers.
    #[must_use]
    pub fn numbered(number: u8) -> Option<Category> {
        Category::ALL.get(usize::from(number).checked_sub(1)?).copied()
    }

    /// The name in JSON, metrics and the pages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Category::Dns => "dns",
            Category::ConnectRefused => "connect_refused",
            Category::ConnectTimeout => "connect_timeout",
            Category::ConnectionLost => "connection_lost",
            Category::ProtocolError => "protocol_error",
            Category::TlsHandshake => "tls_handshake",
            Category::TlsExpired => "tls_expired",
            Category::TlsUntrusted => "tls_untrusted",
            Category::TlsName => "tls_name",
            Category::Http4xx => "http_4xx",
            Category::Http401403 => "http_401_403",
            Category::Http410 => "http_410",
            Category::Http429 => "http_429",
            Category::Http5xx => "http_5xx",
            Category::ReadTimeout => "read_timeout",
            Category::ResponseTooLarge => "response_too_large",
            Category::ResponseTruncated => "response_truncated",
            Category::RedirectRefused => "redirect_refused",
            Category::PolicyWithheld => "policy_withheld",
            Category::BreakerTripped => "breaker_tripped",
            Category::NetworkBlocked => "network_blocked",
            Category::Internal => "internal",
            Category::NotBound => "not_bound",
            Category::TemplateFailed => "template_failed",
            Category::ChallengeFailed => "challenge_failed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_keeps_its_number_and_its_name() {
        for category in Category::ALL {
            assert_eq!(Category::numbered(category as u8), Some(category));
            assert_eq!(serde_json::to_value(category).unwrap(), category.name());
        }
    }
}

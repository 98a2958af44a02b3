//! Whether a webhook is called at all, and what holds back what it is owed.

use serde::{Deserialize, Serialize};

use crate::{HoldReason, Timestamp};

/// Whether a webhook is called at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum HookState {
    /// It is called.
    Active,
    /// Its receiver has to show first that it is one (C13); what comes is held until its horizon.
    Pending {
        /// Since when.
        since: Timestamp,
    },
    /// A person or a 410 stopped it; what comes is held until its horizon.
    Paused {
        /// Since when.
        since: Timestamp,
        /// Why.
        reason: PauseReason,
    },
    /// It failed for days; what comes waits in the dead letters.
    Disabled {
        /// Since when.
        since: Timestamp,
    },
}

impl HookState {
    /// `active`, `pending`, `paused` or `disabled`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            HookState::Active => "active",
            HookState::Pending { .. } => "pending",
            HookState::Paused { .. } => "paused",
            HookState::Disabled { .. } => "disabled",
        }
    }

    /// What holds back everything that is owed, if something does.
    #[must_use]
    pub const fn holds(&self) -> Option<HoldReason> {
        match self {
            HookState::Pending { .. } => Some(HoldReason::Unproven),
            HookState::Paused { .. } => Some(HoldReason::Paused),
            HookState::Active | HookState::Disabled { .. } => None,
        }
    }
}

/// Why a webhook is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PauseReason {
    /// A person said so.
    Operator,
    /// The receiver answered 410 Gone.
    Gone,
    /// Its Subscription waits for a handshake, or is off.
    Subscription,
}

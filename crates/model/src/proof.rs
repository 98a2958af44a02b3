//! Whether a receiver has shown that it is one, before it is told of people (C13).

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{Category, HookState, HookUrl, Profile, Timestamp, Versioned, Webhook, WebhookId};

/// How the installation takes receivers that have shown nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// They are asked first.
    Owed,
    /// They are taken at their word: `--dev`.
    Waived,
}

/// A receiver has answered a challenge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Proven {
    /// At which address: what answers at another has shown nothing.
    pub url: HookUrl,
    /// When.
    pub at: Timestamp,
}

/// What came of a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenged {
    /// When it was sent.
    pub at: Timestamp,
    /// What went wrong; none if the receiver has shown that it is one.
    pub error: Option<Category>,
    /// The status, if there was one.
    pub status: Option<u16>,
    /// When the next goes out by itself, if one does.
    pub next: Option<Timestamp>,
}

/// Challenging receivers.
#[async_trait]
pub trait Challenge: Send + Sync {
    /// Challenges the receiver of a webhook once, now. What it comes to is remembered, not saved.
    async fn challenge(&self, webhook: &Versioned<Webhook>) -> Challenged;

    /// What came of the last challenge of a webhook; none if there was none since the start.
    fn challenged(&self, webhook: WebhookId) -> Option<Challenged>;
}

impl Webhook {
    /// Whether its receiver has to show that it is one before it is told anything.
    ///
    /// A FHIR Subscription shakes hands instead, which its client asked for by its own credentials.
    #[must_use]
    pub fn owes_proof(&self) -> bool {
        let has_shown = self.proven.as_ref().is_some_and(|proven| proven.url == self.url);
        self.profile == Profile::Full && self.subscription.is_none() && !has_shown
    }

    /// Itself where it stands by what it owes: pending instead of active, and active once it owes nothing.
    #[must_use]
    pub fn standing(mut self, proof: Proof, now: Timestamp) -> Webhook {
        let owes = proof == Proof::Owed && self.owes_proof();
        match self.state {
            HookState::Active if owes => self.state = HookState::Pending { since: now },
            HookState::Pending { .. } if !owes => self.state = HookState::Active,
            HookState::Active
            | HookState::Pending { .. }
            | HookState::Paused { .. }
            | HookState::Disabled { .. } => {}
        }
        self
    }

    /// Itself after its receiver has shown at `at` that it is one.
    #[must_use]
    pub fn with_proof(mut self, at: Timestamp) -> Webhook {
        self.proven = Some(Proven { url: self.url.clone(), at });
        self.standing(Proof::Owed, at)
    }
}

//! What happened, and its place in the chain.

use model::{KeyId, OrganisationId, Timestamp};
use serde::{Deserialize, Serialize};

/// Who acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Actor {
    /// The server itself.
    System,
    /// Somebody at the command line of the machine.
    CommandLine,
    /// An API key.
    Key(KeyId),
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// One commit group of machine steps; its detail is the hash of the group's rows.
    Group,
    /// Something was made.
    Create,
    /// Something was changed.
    Update,
    /// Something was removed.
    Delete,
    /// A content was read by a person.
    Reveal,
    /// Deliveries were retried, redriven or cancelled.
    Redrive,
    /// A secret was replaced.
    Rotate,
    /// A webhook was paused or resumed, by a person or by its own answers.
    Pause,
    /// Retention removed things.
    Expire,
    /// The server started.
    Start,
    /// Somebody signed in.
    SignIn,
    /// Somebody signed out.
    SignOut,
    /// Somebody could not sign in.
    SignInRefused,
    /// Somebody looked at what a change would make of what is stored.
    Preview,
    /// A receiver was asked to show that it is one, or has shown it.
    Challenge,
}

impl Action {
    // Append-only: a number once written keeps its meaning, in the chain and in every store.
    const NUMBERED: [(u8, Action); 15] = [
        (1, Action::Group),
        (2, Action::Create),
        (3, Action::Update),
        (4, Action::Delete),
        (5, Action::Reveal),
        (6, Action::Redrive),
        (7, Action::Rotate),
        (8, Action::Pause),
        (9, Action::Expire),
        (10, Action::Start),
        (11, Action::SignIn),
        (12, Action::SignOut),
        (13, Action::SignInRefused),
        (14, Action::Preview),
        (15, Action::Challenge),
    ];

    /// The number that is written down, from 1; 0 stands for none.
    #[must_use]
    pub fn number(self) -> u8 {
        Action::NUMBERED.iter().find(|(_, action)| *action == self).map_or(0, |(number, _)| *number)
    }

    /// The action with this number.
    #[must_use]
    pub fn numbered(number: u8) -> Option<Action> {
        Action::NUMBERED.iter().find(|(known, _)| *known == number).map(|(_, action)| *action)
    }
}

/// What happened. Nothing in it is personal: ids of ours and codes only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// Whose data; none for the installation.
    pub organisation: Option<OrganisationId>,
    /// By whom.
    pub actor: Actor,
    /// What.
    pub action: Action,
    /// To what: an id of ours.
    pub target: String,
    /// More about it: codes, counts, changed member names.
    pub detail: String,
}

/// An entry in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number, from 1; only a [`crate::Gap`] leaves some out.
    pub number: u64,
    /// The entry.
    pub entry: Entry,
    /// Binds number, entry and the row before.
    pub mac: [u8; 32],
}

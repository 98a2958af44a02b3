//! What writes with an `Idempotency-Key` were answered, so that a repetition changes nothing.
//!
//! A write is noted as begun before it changes anything, and what became of it
//! is noted when it is answered. A process that ends in between leaves it
//! begun: nobody knows how far it came.

use model::{AnswerKey, OrganisationId, Sealed, Timestamp};

/// A write that asks with an `Idempotency-Key`.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// The caller and its key.
    pub key: AnswerKey,
    /// Whose answer it will be.
    pub organisation: OrganisationId,
    /// What is asked, as the first half of an HMAC: another request differs in it.
    pub print: [u8; 16],
    /// When.
    pub at: Timestamp,
    /// What running it twice would do.
    pub twice: Twice,
}

/// What running a write twice would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Twice {
    /// It would be done twice: one that was begun and never answered is not run again.
    /// [`model::limits::ANSWERS`] of them are kept for each organisation.
    Done,
    /// Nothing: what it leaves is known by its key or by an id of its own. As many are kept as
    /// come, for each leaves more than its answer.
    Harmless,
}

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// Nothing: the write is noted as begun and may run.
    Now,
    /// It was used within [`model::limits::ANSWER_KEPT`].
    Before(Answered),
    /// The organisation has as many answers as are kept. There is room at this time.
    Full(Timestamp),
}

/// A write that was begun before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// What was asked.
    pub print: [u8; 16],
    /// When.
    pub at: Timestamp,
    /// The answer; none if it was not given, or not yet.
    pub answer: Option<Sealed>,
}

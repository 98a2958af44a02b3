//! What JSON that is no resource looks like, as far as somebody knows.

use std::collections::BTreeMap;

/// What a value can be. A list looks as its items do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// Whatever there is.
    Anything,
    /// True or false.
    Boolean,
    /// A number.
    Number,
    /// A text, be it one that says a date or a time.
    Text,
    /// An object.
    Object(Members),
}

/// The members of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members {
    /// What the object is called, for whoever asks it for a member that it has not.
    pub name: String,
    /// Those that are known.
    pub known: BTreeMap<String, Shape>,
    /// What is known of all others.
    pub others: Others,
}

/// What is known of the members of an object that are not named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// There are none.
    Never,
    /// Nobody speaks of any, and there may be some.
    Unlisted,
    /// There are some.
    Welcome,
}

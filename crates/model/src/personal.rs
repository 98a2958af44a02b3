//! Values about a person.

use std::fmt;

/// A value about a person: no `Display`, no `Serialize`, and a `Debug` that
/// prints nothing of it. Looking inside is explicit, and greppable.
#[derive(Clone, PartialEq, Eq)]
pub struct Personal<T>(T);

impl<T> Personal<T> {
    /// Marks a value as personal.
    pub const fn new(value: T) -> Self {
        Personal(value)
    }

    /// Looks inside to decide something. What leaves the system goes through
    /// `privacy::disclose` or `privacy::reveal`, never through here.
    pub fn look<R>(&self, decide: impl FnOnce(&T) -> R) -> R {
        decide(&self.0)
    }

    /// Another personal value made from this one.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Personal<U> {
        Personal(make(self.0))
    }
}

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("personal")
    }
}

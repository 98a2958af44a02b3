//! Runs of machine steps that were taken out of a chain, so that the rest can still be checked.

use aws_lc_rs::{constant_time, hmac};

use crate::{Chain, Head};

/// A run of rows that was taken out: where it began, where it ended, and a seal over both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The row before the first that is gone.
    pub before: Head,
    /// The last row that is gone.
    pub last: Head,
    /// Shows that whoever took them out had the key of the chain.
    pub seal: [u8; 32],
}

impl Gap {
    /// The first row that is gone.
    #[must_use]
    pub fn first(&self) -> u64 {
        self.before.number + 1
    }

    pub(crate) fn is_sealed(&self, key: &hmac::Key) -> bool {
        constant_time::verify_slices_are_equal(&seal(key, self.before, self.last), &self.seal).is_ok()
    }
}

impl Chain {
    /// Stands in for the rows behind `before` up to `last`.
    #[must_use]
    pub fn gap(&self, before: Head, last: Head) -> Gap {
        Gap { before, last, seal: seal(self.key(), before, last) }
    }
}

// A chain is checked years later: this must never change.
fn seal(key: &hmac::Key, before: Head, last: Head) -> [u8; 32] {
    let mut context = hmac::Context::with_key(key);
    context.update(b"carehook audit gap v1");
    for head in [before, last] {
        context.update(&head.number.to_be_bytes());
        context.update(&head.mac);
    }
    let mut seal = [0; 32];
    seal.copy_from_slice(context.sign().as_ref());
    seal
}

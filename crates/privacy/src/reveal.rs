//! The door out to people: audited before anything is shown.

use model::Personal;

/// Proof that a reading stands in the audit log. It comes from the commit that wrote it, and from nowhere else.
#[derive(Debug)]
pub struct AuditReceipt(());

impl AuditReceipt {
    /// The receipt of a commit that carries the audit entry of a reading.
    ///
    /// # Errors
    /// The commit failed: nothing may be shown.
    pub fn of<T, E>(commit: Result<T, E>) -> Result<Self, E> {
        commit.map(|_| AuditReceipt(()))
    }
}

/// Shows a value about a person to a person whose reading stands in the audit log.
#[must_use]
pub fn reveal<T: Clone>(value: &Personal<T>, _receipt: &AuditReceipt) -> T {
    value.look(T::clone)
}

//! What messages said that no table takes up, counted.

use model::{IntegrationId, LocalCode, SiteTable, Timestamp};

/// How often something was left over; written on top of what was written before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// Whose messages said it.
    pub integration: IntegrationId,
    /// What it is.
    pub what: LeftOut,
    /// How often.
    pub count: u64,
    /// When first.
    pub first: Timestamp,
    /// When last.
    pub last: Timestamp,
}

/// Something that no table takes up: codes and places, nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOut {
    /// A code that no table knows.
    Code(LocalCode),
    /// A place that no row takes up.
    Place(String),
    /// Whatever had no room in the list any more.
    Dropped,
}

impl LeftOut {
    /// Whether it is a code of a table.
    #[must_use]
    pub fn is_of(&self, table: SiteTable) -> bool {
        matches!(self, LeftOut::Code(code) if code.table == table)
    }
}

//! `/admin/monitoring`: what attempts added up to. One file per call. Test events are left out (T1).

mod span; // From when to when.
mod sums; // Attempts as they are answered.
pub(crate) mod webhooks;
pub(crate) mod series;
pub(crate) mod lanes;

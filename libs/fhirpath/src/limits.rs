use std::time::Duration;

/// What one evaluation may cost. A step is an operation on one item, so a limit of steps is one of time
/// that does not depend on the machine; that of time itself is a fence behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Operations on items.
    pub steps: u32,
    /// Items in one collection.
    pub items: usize,
    /// Bytes of one text.
    pub text_bytes: usize,
    /// How deep JSON may be nested.
    pub depth: usize,
    /// How long it may take, counted from when it turns out to take more than a few steps.
    pub time: Duration,
}

impl Default for Limits {
    /// Enough for a bundle of a thousand resources, and over within a few milliseconds. The time is a
    /// hundredfold of that, so that a slow machine ends where a fast one does.
    fn default() -> Limits {
        let time = Duration::from_secs(2);
        Limits { steps: 200_000, items: 20_000, text_bytes: 1 << 20, depth: 128, time }
    }
}

//! What a status means for a delivery.

use std::time::Duration;

use model::{Category, Outcome};

/// The outcome of an answer that came whole. Only a 2xx is a success (R9).
pub(super) fn outcome(status: u16, retry_after: Option<Duration>) -> Outcome {
    match category(status) {
        None => Outcome::Accepted { status: Some(status) },
        Some(category) => Outcome::Failed { category, status: Some(status), retry_after },
    }
}

/// What went wrong, by the status; none for a success.
pub(super) fn category(status: u16) -> Option<Category> {
    Some(match status {
        200..=299 => return None,
        300..=399 => Category::RedirectRefused,
        401 | 403 => Category::Http401403,
        410 => Category::Http410,
        429 => Category::Http429,
        400..=499 => Category::Http4xx,
        500..=599 => Category::Http5xx,
        // 101 switches to a protocol nobody asked for; 6xx and up do not exist.
        _ => Category::ProtocolError,
    })
}

/// Whether `Retry-After` is heeded: statuses that say "later", not "never".
pub(super) fn asks_to_wait(status: u16) -> bool {
    matches!(status, 429 | 502 | 503 | 504)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_2xx_is_a_success() {
        for (status, expected) in [
            (101, Some(Category::ProtocolError)),
            (200, None),
            (299, None),
            (304, Some(Category::RedirectRefused)),
            (308, Some(Category::RedirectRefused)),
            (400, Some(Category::Http4xx)),
            (401, Some(Category::Http401403)),
            (403, Some(Category::Http401403)),
            (407, Some(Category::Http4xx)),
            (410, Some(Category::Http410)),
            (429, Some(Category::Http429)),
            (503, Some(Category::Http5xx)),
            (999, Some(Category::ProtocolError)),
        ] {
            assert_eq!(category(status), expected, "{status}");
        }
    }
}

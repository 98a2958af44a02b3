//! The pages of problem codes and error categories, compiled in.

/// The page of a code, as Markdown.
#[must_use]
pub fn find(code: &str) -> Option<&'static str> {
    ALL.iter().find(|(known, _)| *known == code).map(|(_, page)| *page)
}

macro_rules! pages {
    ($($code:literal,)*) => {
        /// Every code and its page, by name.
        pub const ALL: &[(&str, &str)] =
            &[$(($code, include_str!(concat!("../../../docs/errors/", $code, ".md"))),)*];
    };
}

pages! {
    "body_too_large",
    "breaker_tripped",
    "certificate_not_allowed",
    "challenge_failed",
    "conflict",
    "connect_refused",
    "connect_timeout",
    "connection_lost",
    "csrf",
    "disk_full",
    "dns",
    "duplicate_key",
    "event_type_not_offered",
    "forbidden",
    "http_401_403",
    "http_410",
    "http_429",
    "http_4xx",
    "http_5xx",
    "id_conflict",
    "idempotency_mismatch",
    "in_use",
    "internal",
    "internal_error",
    "invalid_cursor",
    "invalid_fhir",
    "invalid_field",
    "invalid_signature",
    "justification_required",
    "listener_cannot_bind",
    "malformed_json",
    "method_not_allowed",
    "network_blocked",
    "not_bound",
    "not_found",
    "not_quarantined",
    "not_supported",
    "outcome_unknown",
    "overloaded",
    "peer_not_allowed",
    "policy_withheld",
    "precondition_failed",
    "protocol_error",
    "rate_limited",
    "read_timeout",
    "redirect_refused",
    "response_too_large",
    "response_truncated",
    "template_failed",
    "tls_expired",
    "tls_failed",
    "tls_handshake",
    "tls_name",
    "tls_untrusted",
    "too_deep",
    "unauthorized",
    "unknown_content",
    "unknown_event_type",
    "unknown_field",
    "unknown_sender",
    "unreadable_hl7",
    "unsupported_media_type",
    "url_bad_host",
    "url_bad_port",
    "url_fragment",
    "url_homograph",
    "url_missing_scheme",
    "url_private_address",
    "url_scheme_not_allowed",
    "url_userinfo",
    "wrong_state",
}

#[cfg(test)]
mod tests {
    use model::{Category, Code};

    use super::*;

    #[test]
    fn every_code_and_category_has_a_page_under_its_own_name() {
        let codes = Code::ALL.iter().map(|code| code.name());
        let names: Vec<&str> = codes.chain(Category::ALL.map(Category::name)).collect();
        for name in &names {
            let page = find(name).unwrap_or_else(|| panic!("{name} has no page"));
            assert!(page.starts_with(&format!("# `{name}`")), "{name}");
        }
        let unknown: Vec<_> = ALL.iter().filter(|(code, _)| !names.contains(code)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}

//! What this version cannot do yet: said, never ignored.

use model::Problem;
use serde_json::Value;

use super::super::wish::Wish;
use crate::strict::{invalid, not_supported};

/// Refuses the members that cannot have a value yet.
pub(super) fn refuse(wish: &Wish) -> Result<(), Problem> {
    let tls = wish.tls.as_ref();
    let encryption = wish.encryption.as_ref();
    let asked: [(bool, &str, &str); 6] = [
        (is_given(wish.ack.as_ref()), "/ack", "Acknowledgements by people"),
        (is_given(wish.escalation.as_ref()), "/escalation", "Escalations of one webhook"),
        (
            is_given(tls.and_then(|tls| tls.client_certificate.as_ref())),
            "/tls/clientCertificate",
            "Mutual TLS",
        ),
        (tls.and_then(|tls| tls.pins.as_ref()).is_some_and(|pins| !pins.is_empty()), "/tls/pins", "Pins"),
        (is_given(encryption.and_then(|wish| wish.jwk.as_ref())), "/encryption/jwk", "Encrypted bodies"),
        (
            encryption.and_then(|wish| wish.fields.as_ref()).is_some_and(|fields| !fields.is_empty()),
            "/encryption/fields",
            "Encrypted members",
        ),
    ];
    match asked.iter().find(|(asked, _, _)| *asked) {
        Some((_, place, what)) => Err(not_supported(*place, format!("{what} are not supported yet."))),
        None => Ok(()),
    }
}

/// Refuses a profile that is none, or not yet.
pub(super) fn profile(name: &str) -> Problem {
    match name {
        "minimal" | "limited" => {
            not_supported("/profile", format!("The profile {name} is not supported yet."))
        }
        _ => invalid("/profile", "A profile is ping, reference or full."),
    }
}

fn is_given(value: Option<&Value>) -> bool {
    value.is_some_and(|value| !value.is_null())
}

//! What a challenge says, and what answers it.

use bytes::Bytes;
use serde_json::{Value, json};

const TYPE: &str = "webhook.challenge";

/// The body of a challenge.
pub(super) fn question(value: &str) -> Bytes {
    json!({ "type": TYPE, "challenge": value }).to_string().into()
}

/// What a receiver answers to a body, if that is a challenge. The receiver has verified the signature before.
#[must_use]
pub fn answer_to(body: &[u8]) -> Option<Bytes> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let value = body["challenge"].as_str().filter(|_| body["type"] == TYPE)?;
    Some(json!({ "answer": value }).to_string().into())
}

/// Whether a body answers a challenge: the value as text, or as JSON in `answer`. The challenge itself is
/// none, so what sends back whatever it gets has shown nothing.
pub(super) fn is_answer(body: &[u8], value: &str) -> bool {
    if body.trim_ascii() == value.as_bytes() {
        return true;
    }
    serde_json::from_slice::<Value>(body).is_ok_and(|body| body["answer"] == value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_answered_by_its_value_and_by_no_mirror() {
        let question = question("v4lue");
        let answer = answer_to(&question).unwrap();
        assert!(is_answer(&answer, "v4lue"));
        for fits in ["v4lue", "v4lue\n", r#"{"answer":"v4lue","more":1}"#] {
            assert!(is_answer(fits.as_bytes(), "v4lue"), "{fits}");
        }
        for mirror in ["", "ok", "v4lu", r#"{"answer":"other"}"#, r#"{"challenge":"v4lue"}"#, r#"["v4lue"]"#]
        {
            assert!(!is_answer(mirror.as_bytes(), "v4lue"), "{mirror}");
        }
        assert!(!is_answer(&question, "v4lue"));
    }

    #[test]
    fn no_event_is_taken_for_a_challenge() {
        assert_eq!(answer_to(br#"{"type":"lab.result.critical","challenge":"x"}"#), None);
        assert_eq!(answer_to(br#"{"type":"webhook.challenge"}"#), None);
        assert_eq!(answer_to(b"MSH|^~\\&|"), None);
    }
}

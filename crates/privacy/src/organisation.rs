//! Stand-ins for what could identify somebody, under an organisation's key.
//!
//! The store and the log know identifiers only as these. Two organisations
//! never share one, nor do two uses within an organisation.

use std::fmt;

use aws_lc_rs::hmac;
use model::{
    AnswerKey, EmailAddress, Event, Id, IntegrationId, KeyId, MemoryKey, Object, ObjectKey, OrderKey,
    Ordering, Subject, SubjectKey, TriggerId, WebhookId,
};

use crate::crypto::{self, Key};

/// The keys of one organisation, ready for use.
pub struct OrganisationKeys {
    subject: hmac::Key,
    object: hmac::Key,
    dedupe: hmac::Key,
    order: hmac::Key,
    url: hmac::Key,
    pseudonym: hmac::Key,
    answer: hmac::Key,
    recipient: hmac::Key,
    memory: hmac::Key,
}

impl OrganisationKeys {
    pub(crate) fn new(key: &Key) -> Self {
        let of = |label: &[u8]| hmac::Key::new(hmac::HMAC_SHA256, crypto::derive(key, &[label]).as_slice());
        OrganisationKeys {
            subject: of(b"carehook subject v1"),
            object: of(b"carehook object v1"),
            dedupe: of(b"carehook dedupe v1"),
            order: of(b"carehook order v1"),
            url: of(b"carehook url v1"),
            pseudonym: of(b"carehook pseudonym v1"),
            answer: of(b"carehook answer v1"),
            recipient: of(b"carehook recipient v1"),
            memory: of(b"carehook memory v1"),
        }
    }

    /// A subject with its assigner (P1).
    #[must_use]
    pub fn subject(&self, subject: &Subject) -> SubjectKey {
        let Subject { kind, system, id } = subject;
        SubjectKey(half(&self.subject, &[kind.as_bytes(), system.as_bytes(), id.as_bytes()]))
    }

    /// An object with its assigner. An id that is unique only within a kind
    /// must name the kind, as `Observation/17` does.
    #[must_use]
    pub fn object(&self, object: &Object) -> ObjectKey {
        ObjectKey(half(&self.object, &[object.system.as_bytes(), object.id.as_bytes()]))
    }

    /// An object whose number counts within one subject: `namespace` and `id` without the subject.
    #[must_use]
    pub fn object_of(&self, subject: SubjectKey, namespace: &str, id: &str) -> ObjectKey {
        ObjectKey(half(&self.object, &[b"of", &subject.0, namespace.as_bytes(), id.as_bytes()]))
    }

    /// What makes an arrival the same as another: `scope` names the door, `parts` what it compares.
    #[must_use]
    pub fn dedupe(&self, integration: IntegrationId, scope: &str, parts: &[&[u8]]) -> [u8; 16] {
        let integration = integration.raw().to_be_bytes();
        let parts: Vec<&[u8]> =
            [&integration, scope.as_bytes()].into_iter().chain(parts.iter().copied()).collect();
        half(&self.dedupe, &parts)
    }

    /// What a delivery of `event` waits for, within its webhook and lane; none if it waits for nothing (N8).
    #[must_use]
    pub fn order(&self, ordering: Ordering, event: &Event) -> Option<OrderKey> {
        match ordering {
            Ordering::None => None,
            Ordering::Subject => Some(self.order_of(event.subject?)),
            Ordering::Object => Some(OrderKey(half(&self.order, &[b"object", &event.object?.0]))),
        }
    }

    /// The line that a subject's deliveries stand in: the same at every webhook, so that
    /// a merge joins the lines of two subjects once.
    #[must_use]
    pub fn order_of(&self, subject: SubjectKey) -> OrderKey {
        OrderKey(half(&self.order, &[b"subject", &subject.0]))
    }

    /// The `Idempotency-Key` of a caller.
    #[must_use]
    pub fn answer(&self, caller: KeyId, text: &str) -> AnswerKey {
        AnswerKey(half(&self.answer, &[b"key", &caller.raw().to_be_bytes(), text.as_bytes()]))
    }

    /// What a call asks, so that another one under the same `Idempotency-Key` is told from it.
    #[must_use]
    pub fn print(&self, method: &str, target: &str, body: &[u8]) -> [u8; 16] {
        half(&self.answer, &[b"print", method.as_bytes(), target.as_bytes(), body])
    }

    /// The address of a webhook.
    #[must_use]
    pub fn url(&self, url: &str) -> [u8; 16] {
        half(&self.url, &[url.as_bytes()])
    }

    /// A person who is told of alerts, by e-mail address.
    #[must_use]
    pub fn recipient(&self, address: &EmailAddress) -> [u8; 16] {
        half(&self.recipient, &[address.as_str().as_bytes()])
    }

    /// Where a trigger remembers: `scope` says of what kind, `parts` of whom and what.
    #[must_use]
    pub fn memory(&self, trigger: TriggerId, scope: &str, parts: &[&[u8]]) -> MemoryKey {
        let trigger = trigger.raw().to_be_bytes();
        let parts: Vec<&[u8]> =
            [&trigger, scope.as_bytes()].into_iter().chain(parts.iter().copied()).collect();
        MemoryKey(half(&self.memory, &parts))
    }

    /// What one recipient knows an identifier as: always the same for it, and
    /// never what another recipient knows.
    #[must_use]
    pub fn pseudonym(&self, webhook: WebhookId, what: &str, system: &str, id: &str) -> String {
        let recipient = crypto::mac(&self.pseudonym, &[&webhook.raw().to_be_bytes()]);
        let recipient = hmac::Key::new(hmac::HMAC_SHA256, &recipient);
        let name = half(&recipient, &[what.as_bytes(), system.as_bytes(), id.as_bytes()]);
        format!("psn_{}", base32(u128::from_be_bytes(name)))
    }
}

impl fmt::Debug for OrganisationKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("organisation keys")
    }
}

// Each part stands behind its length, so that no character can move to its neighbour.
fn half(key: &hmac::Key, parts: &[&[u8]]) -> [u8; 16] {
    let mut context = hmac::Context::with_key(key);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut half = [0; 16];
    half.iter_mut().zip(context.sign().as_ref()).for_each(|(place, byte)| *place = *byte);
    half
}

// The digits of our ids: a database that folds case keeps pseudonyms apart.
fn base32(number: u128) -> String {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let digit = |place: u32| char::from(DIGITS[((number >> (5 * place)) & 31) as usize]);
    (0..26).rev().map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(byte: u8) -> OrganisationKeys {
        OrganisationKeys::new(&Key::new([byte; 32]))
    }

    fn patient(system: &str, id: &str) -> Subject {
        Subject { kind: "patient".to_owned(), system: system.to_owned(), id: id.to_owned() }
    }

    #[test]
    fn p1_the_same_number_of_two_hospitals_is_two_people() {
        let keys = keys(1);
        let ours = keys.subject(&patient("urn:a", "1001"));
        assert_eq!(ours, keys.subject(&patient("urn:a", "1001")));
        assert_ne!(ours, keys.subject(&patient("urn:b", "1001")));
        assert_ne!(ours, keys.subject(&patient("urn:a1", "001")));
        assert_ne!(ours, super::tests::keys(2).subject(&patient("urn:a", "1001")));
    }

    #[test]
    fn a_pseudonym_is_the_same_over_time_and_different_for_each_recipient() {
        let (one, other) = (WebhookId::from_raw(1), WebhookId::from_raw(2));
        let psn = |webhook, id: &str| keys(1).pseudonym(webhook, "patient", "urn:a", id);
        assert_eq!(psn(one, "1001"), psn(one, "1001"));
        assert_ne!(psn(one, "1001"), psn(other, "1001"));
        assert_ne!(psn(one, "1001"), psn(one, "1002"));
        assert_eq!(psn(one, "1001").len(), 30);
        assert_eq!(base32(u128::MAX), "7zzzzzzzzzzzzzzzzzzzzzzzzz");
    }

    #[test]
    fn parts_of_a_dedupe_key_do_not_run_into_each_other() {
        let key = |scope: &str, parts: &[&[u8]]| keys(1).dedupe(IntegrationId::from_raw(1), scope, parts);
        assert_ne!(key("events", &[b"ab", b"c"]), key("events", &[b"a", b"bc"]));
        assert_ne!(key("events", &[b"ab"]), key("events", &[b"ab", b""]));
        assert_ne!(key("events", &[b"ab"]), key("hl7v2", &[b"ab"]));
    }
}

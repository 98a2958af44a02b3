//! Tokens that bind a socket: for one key and its Subscriptions, used once, within minutes.

use std::collections::HashMap;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::{IntegrationId, KeyId, Secret, Timestamp, WebhookId, limits};
use privacy::{Random as _, SystemRandomness};

/// What a token binds, and for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ticket {
    /// At whose facade.
    pub(super) integration: IntegrationId,
    /// The key that asked for it.
    pub(super) key: KeyId,
    /// The Subscriptions.
    pub(super) webhooks: Vec<WebhookId>,
    /// Until when it works, and what it has bound.
    pub(super) until: Timestamp,
}

/// Tickets by the digest of their token: the token itself is kept nowhere.
#[derive(Debug, Default)]
pub(super) struct Tickets(HashMap<[u8; 32], Ticket>);

impl Tickets {
    /// A token for a ticket; where a key has too many, its oldest goes.
    pub(super) fn give(&mut self, ticket: Ticket, now: Timestamp) -> Secret<String> {
        self.0.retain(|_, given| now < given.until);
        let of_key = self.0.iter().filter(|(_, given)| given.key == ticket.key);
        let (count, oldest) = (of_key.clone().count(), of_key.min_by_key(|(_, given)| given.until));
        if let Some(print) = oldest.map(|(print, _)| *print).filter(|_| count >= limits::SOCKET_TOKENS) {
            self.0.remove(&print);
        }
        let mut bytes = [0; 32];
        SystemRandomness.fill(&mut bytes);
        let text = URL_SAFE_NO_PAD.encode(bytes);
        self.0.insert(print(&text), ticket);
        Secret::new(text)
    }

    /// Uses a token up; none if it was never given, was used, is too old or is for another facade.
    pub(super) fn take(&mut self, text: &str, at: IntegrationId, now: Timestamp) -> Option<Ticket> {
        let ticket = self.0.remove(&print(text))?;
        (now < ticket.until && ticket.integration == at).then_some(ticket)
    }
}

fn print(text: &str) -> [u8; 32] {
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    let mut print = [0; 32];
    print.copy_from_slice(digest.as_ref());
    print
}

#[cfg(test)]
mod tests {
    use model::Id as _;

    use super::*;

    fn ticket(key: u128, until: i64) -> Ticket {
        Ticket {
            integration: IntegrationId::from_raw(1),
            key: KeyId::from_raw(key),
            webhooks: vec![WebhookId::from_raw(7)],
            until: Timestamp::from_millis(until),
        }
    }

    #[test]
    fn a_token_works_once_in_its_time_and_at_its_facade() {
        let (here, there) = (IntegrationId::from_raw(1), IntegrationId::from_raw(2));
        let at = Timestamp::from_millis;
        let mut tickets = Tickets::default();
        let mut give = || tickets.give(ticket(1, 100), at(0)).expose().clone();
        let (good, late, astray) = (give(), give(), give());
        assert_eq!(tickets.take(&good, here, at(99)), Some(ticket(1, 100)));
        assert_eq!(tickets.take(&good, here, at(99)), None, "it was used");
        assert_eq!(tickets.take(&late, here, at(100)), None, "it is too old");
        assert_eq!(tickets.take(&astray, there, at(1)), None, "it is for another facade");
        assert_eq!(tickets.take("guessed", here, at(1)), None);
    }

    #[test]
    fn a_key_has_few_tokens_and_the_oldest_of_its_own_goes() {
        let (here, at) = (IntegrationId::from_raw(1), Timestamp::from_millis);
        let mut tickets = Tickets::default();
        let other = tickets.give(ticket(2, 1), at(0)).expose().clone();
        let first = tickets.give(ticket(1, 2), at(0)).expose().clone();
        let second = tickets.give(ticket(1, 3), at(0)).expose().clone();
        for number in 2..=limits::SOCKET_TOKENS {
            tickets.give(ticket(1, number as i64 + 2), at(0));
        }
        assert_eq!(tickets.take(&first, here, at(0)), None);
        assert!(tickets.take(&second, here, at(0)).is_some() && tickets.take(&other, here, at(0)).is_some());
    }
}

//! One-time texts that open a session: used once, within minutes, and few for each key.

use std::collections::HashMap;

use model::{KeyId, Timestamp, limits};

use super::Print;

#[derive(Debug, Default)]
pub(super) struct Links(HashMap<Print, (KeyId, Timestamp)>);

impl Links {
    /// Adds one and says when it ends; where there are too many, the oldest goes.
    pub(super) fn add(&mut self, print: Print, key: KeyId, now: Timestamp) -> Timestamp {
        self.0.retain(|_, (_, end)| now < *end);
        let of_key = self.0.values().filter(|(of, _)| *of == key).count();
        let oldest = if of_key >= limits::SIGN_IN_LINKS_PER_KEY {
            self.oldest(|of| of == key)
        } else if self.0.len() >= limits::SIGN_IN_LINKS {
            self.oldest(|_| true)
        } else {
            None
        };
        oldest.and_then(|print| self.0.remove(&print));
        let end = now + limits::SIGN_IN_LINK;
        self.0.insert(print, (key, end));
        end
    }

    /// Whose it was, unless it was used before or is too old.
    pub(super) fn take(&mut self, print: &Print, now: Timestamp) -> Option<KeyId> {
        self.0.remove(print).filter(|(_, end)| now < *end).map(|(key, _)| key)
    }

    fn oldest(&self, of: impl Fn(KeyId) -> bool) -> Option<Print> {
        let chosen = self.0.iter().filter(|(_, (key, _))| of(*key));
        chosen.min_by_key(|(_, (_, end))| *end).map(|(print, _)| *print)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use model::Id;

    use super::*;

    #[test]
    fn a_key_has_few_links_and_the_oldest_of_its_own_goes() {
        let mut links = Links::default();
        let (ours, theirs) = (KeyId::from_raw(1), KeyId::from_raw(2));
        let at = |second: usize| Timestamp::from_millis(0) + Duration::from_secs(second as u64);
        links.add([255; 32], theirs, at(0));
        for number in 0..=limits::SIGN_IN_LINKS_PER_KEY {
            links.add([number as u8; 32], ours, at(number));
        }
        assert_eq!(links.take(&[0; 32], at(20)), None);
        assert_eq!(links.take(&[1; 32], at(20)), Some(ours));
        assert_eq!(links.take(&[255; 32], at(20)), Some(theirs));
    }
}

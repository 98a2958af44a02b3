//! Versions that were read lately, so that looking back costs little.

use std::collections::HashSet;

/// The keys of versions, the newest of them at least.
#[derive(Debug, Default)]
pub(super) struct Seen {
    young: HashSet<[u8; 16]>,
    old: HashSet<[u8; 16]>,
}

impl Seen {
    pub(super) fn has(&self, key: &[u8; 16]) -> bool {
        self.young.contains(key) || self.old.contains(key)
    }

    pub(super) fn note(&mut self, key: [u8; 16]) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key);
    }
}

// Two generations of 16 bytes each: about a megabyte for a server that is read.
const GENERATION: usize = 20_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_lately_is_known_and_memory_stays_bounded() {
        let key = |number: usize| (number as u128).to_be_bytes();
        let mut seen = Seen::default();
        (0..GENERATION * 5).for_each(|number| seen.note(key(number)));
        assert!(seen.has(&key(GENERATION * 5 - 1)) && !seen.has(&key(0)));
        assert!(seen.young.len() + seen.old.len() <= 2 * GENERATION);
    }
}

//! Rows in their places, each bound to the one before.

use aws_lc_rs::hmac;

use crate::{Actor, Entry, Row};

/// The end of a chain: the number and MAC of its last row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The number of the last row; 0 for a chain without rows.
    pub number: u64,
    /// The MAC of the last row; zeros for a chain without rows.
    pub mac: [u8; 32],
}

impl Head {
    /// The head of a chain without rows.
    pub const EMPTY: Head = Head { number: 0, mac: [0; 32] };
}

impl Row {
    /// The head of a chain that ends with this row.
    #[must_use]
    pub fn head(&self) -> Head {
        Head { number: self.number, mac: self.mac }
    }
}

/// A chain that grows. There is one writer, so there is one of these.
#[derive(Debug)]
pub struct Chain {
    key: hmac::Key,
    head: Head,
}

impl Chain {
    /// Goes on behind `head`.
    #[must_use]
    pub fn resume(key: &[u8; 32], head: Head) -> Self {
        Chain { key: hmac::Key::new(hmac::HMAC_SHA256, key), head }
    }

    /// Gives an entry the next place.
    pub fn append(&mut self, entry: Entry) -> Row {
        let number = self.head.number + 1;
        let mac = mac(&self.key, number, &self.head.mac, &entry);
        self.head = Head { number, mac };
        Row { number, entry, mac }
    }

    pub(crate) fn key(&self) -> &hmac::Key {
        &self.key
    }

    /// Where the chain ends now.
    #[must_use]
    pub fn head(&self) -> Head {
        self.head
    }

    /// Takes back what was appended behind `head`, when its commit failed.
    pub fn rewind(&mut self, head: Head) {
        self.head = head;
    }
}

pub(crate) fn mac(key: &hmac::Key, number: u64, before: &[u8; 32], entry: &Entry) -> [u8; 32] {
    let tag = hmac::sign(key, &written(number, before, entry));
    let mut mac = [0; 32];
    mac.copy_from_slice(tag.as_ref());
    mac
}

// Every part has a fixed length or its length before it, so that no two rows
// read the same. A chain is checked years later: this must never change.
fn written(number: u64, before: &[u8; 32], entry: &Entry) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(160 + entry.target.len() + entry.detail.len());
    put(&mut bytes, b"carehook audit row v1");
    bytes.extend_from_slice(&number.to_be_bytes());
    bytes.extend_from_slice(before);
    bytes.extend_from_slice(&entry.at.millis().to_be_bytes());
    match entry.organisation {
        None => bytes.push(0),
        Some(id) => put_id(&mut bytes, 1, id),
    }
    match entry.actor {
        Actor::System => bytes.push(0),
        Actor::CommandLine => bytes.push(1),
        Actor::Key(id) => put_id(&mut bytes, 2, id),
    }
    bytes.push(entry.action.number());
    put(&mut bytes, entry.target.as_bytes());
    put(&mut bytes, entry.detail.as_bytes());
    bytes
}

fn put(bytes: &mut Vec<u8>, part: &[u8]) {
    bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
    bytes.extend_from_slice(part);
}

fn put_id(bytes: &mut Vec<u8>, kind: u8, id: impl model::Id) {
    bytes.push(kind);
    bytes.extend_from_slice(&id.raw().to_be_bytes());
}

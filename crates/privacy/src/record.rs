//! Sealed records: contents of events, messages, rendered bodies, resources.
//!
//! A record is unreadable once the day key *or* the subject key it stands
//! under is erased. Each record has a key of its own, derived from those two
//! and from what the record is, so that no two seals share a key. It names its
//! day itself, because what is owed beyond its day's retention is sealed anew
//! under a later one (K1).

use lz4_flex::block;
use model::{AnswerKey, MemoryKey, ObjectKey, OrganisationId, Sealed, SubjectKey};

use crate::KeyName;
use crate::crypto::{self, Key};

/// The keys that a record stands under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scope {
    organisation: OrganisationId,
    day: Option<i64>,
    subject: Option<SubjectKey>,
}

impl Scope {
    /// A record of one day, about a subject or about none.
    #[must_use]
    pub fn record(organisation: OrganisationId, day: i64, subject: Option<SubjectKey>) -> Self {
        Scope { organisation, day: Some(day), subject }
    }

    /// The present version of a resource: it outlives its days (K1).
    pub(crate) fn resource(organisation: OrganisationId, subject: SubjectKey) -> Self {
        Scope { organisation, day: None, subject: Some(subject) }
    }

    /// The day of a record; a resource has none.
    pub(crate) fn day(&self) -> i64 {
        self.day.unwrap_or_default()
    }

    /// Whether erasing the key of this name makes the records of this scope unreadable.
    pub(crate) fn stands_under(&self, name: KeyName) -> bool {
        self.names().any(|own| own == name)
    }

    /// A number that differs between subjects: they are HMACs, so any byte will do.
    pub(crate) fn spread(&self) -> usize {
        self.subject.map_or(0, |subject| usize::from(subject.0[0]))
    }

    pub(crate) fn names(self) -> impl Iterator<Item = KeyName> {
        let day = self.day.map(|day| KeyName::Day(self.organisation, day));
        let subject = self.subject.map(|subject| KeyName::Subject(self.organisation, subject));
        day.into_iter().chain(subject)
    }
}

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum RecordKind {
    /// The content of an event; its row is the event's.
    Event = 1,
    /// A received message; its row is the message's.
    Message = 2,
    /// The rendered body of a delivery; its row is the delivery's.
    Rendered = 3,
    /// What a receiver answered; its row is the attempt's.
    Excerpt = 4,
    /// What a door refused; its row is the rejection's.
    Rejection = 5,
}

/// A record cannot be opened: it was changed, moved, or its keys are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the record was changed, or the keys it stood under are gone")]
pub struct Unreadable;

/// Seals and opens records of one day and subject.
#[derive(Clone)]
pub struct RecordKey {
    key: Key,
    day: i64,
}

impl RecordKey {
    pub(crate) fn new(key: Key, day: i64) -> Self {
        RecordKey { key, day }
    }

    /// Compresses and seals. The record ends with the day, so that a reader knows which key to ask for.
    #[must_use]
    pub fn seal(&self, kind: RecordKind, row: i64, bytes: &[u8]) -> Sealed {
        self.seal_with(&self.key_of(kind, row), bytes)
    }

    /// What [`RecordKey::seal`] sealed as the same kind in the same row.
    ///
    /// # Errors
    /// It is something else, or was sealed under other keys.
    pub fn open(&self, kind: RecordKind, row: i64, sealed: &Sealed) -> Result<Vec<u8>, Unreadable> {
        self.open_with(&self.key_of(kind, row), sealed)
    }

    /// Compresses and seals what a write with an `Idempotency-Key` was answered.
    #[must_use]
    pub fn seal_answer(&self, to: AnswerKey, bytes: &[u8]) -> Sealed {
        self.seal_with(&self.key_of_answer(to), bytes)
    }

    /// What [`RecordKey::seal_answer`] sealed for the same key.
    ///
    /// # Errors
    /// It is something else, or was sealed under other keys.
    pub fn open_answer(&self, to: AnswerKey, sealed: &Sealed) -> Result<Vec<u8>, Unreadable> {
        self.open_with(&self.key_of_answer(to), sealed)
    }

    fn seal_with(&self, key: &Key, bytes: &[u8]) -> Sealed {
        let mut sealed = seal(key, bytes);
        sealed.0.extend_from_slice(&self.day.to_be_bytes());
        sealed
    }

    fn open_with(&self, key: &Key, sealed: &Sealed) -> Result<Vec<u8>, Unreadable> {
        match sealed.0.split_last_chunk() {
            Some((record, day)) if i64::from_be_bytes(*day) == self.day => open(key, record),
            Some(_) | None => Err(Unreadable),
        }
    }

    fn key_of_answer(&self, to: AnswerKey) -> Key {
        crypto::derive(&self.key, &[b"carehook answer v1", &to.0])
    }

    fn key_of(&self, kind: RecordKind, row: i64) -> Key {
        crypto::derive(&self.key, &[b"carehook record v1", &[kind as u8], &row.to_be_bytes()])
    }
}

impl std::fmt::Debug for RecordKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("record key")
    }
}

/// The day that a record was sealed under.
///
/// # Errors
/// It is too short to be a record.
pub fn day_of(sealed: &Sealed) -> Result<i64, Unreadable> {
    sealed.0.last_chunk().map(|day| i64::from_be_bytes(*day)).ok_or(Unreadable)
}

/// Seals and opens present versions of resources of one subject.
#[derive(Clone)]
pub struct ResourceKey(Key);

impl ResourceKey {
    pub(crate) fn new(key: Key) -> Self {
        ResourceKey(key)
    }

    /// Compresses and seals one version of an object.
    #[must_use]
    pub fn seal(&self, object: ObjectKey, version: u32, bytes: &[u8]) -> Sealed {
        seal(&self.key_of(object, version), bytes)
    }

    /// What [`ResourceKey::seal`] sealed as the same version of the same object.
    ///
    /// # Errors
    /// It is something else, or was sealed under other keys.
    pub fn open(&self, object: ObjectKey, version: u32, sealed: &Sealed) -> Result<Vec<u8>, Unreadable> {
        open(&self.key_of(object, version), &sealed.0)
    }

    /// Compresses and seals one version of what a trigger remembers.
    #[must_use]
    pub fn seal_memory(&self, memory: MemoryKey, version: u32, bytes: &[u8]) -> Sealed {
        seal(&self.key_of_memory(memory, version), bytes)
    }

    /// What [`ResourceKey::seal_memory`] sealed as the same version of the same memory.
    ///
    /// # Errors
    /// It is something else, or was sealed under other keys.
    pub fn open_memory(
        &self,
        memory: MemoryKey,
        version: u32,
        sealed: &Sealed,
    ) -> Result<Vec<u8>, Unreadable> {
        open(&self.key_of_memory(memory, version), &sealed.0)
    }

    fn key_of(&self, object: ObjectKey, version: u32) -> Key {
        crypto::derive(&self.0, &[b"carehook resource v1", &object.0, &version.to_be_bytes()])
    }

    fn key_of_memory(&self, memory: MemoryKey, version: u32) -> Key {
        crypto::derive(&self.0, &[b"carehook memory v1", &memory.0, &version.to_be_bytes()])
    }
}

impl std::fmt::Debug for ResourceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("resource key")
    }
}

/// Binds opened keys together; none of them alone opens what the result seals.
pub(crate) fn combine<'a>(opened: impl Iterator<Item = &'a Key>) -> Key {
    let parts: Vec<&[u8]> = opened.map(|key| key.as_slice()).collect();
    crypto::extract(b"carehook record keys v1", &parts)
}

// More than any record holds; what claims to be larger is damaged.
const OPENED_BYTES: usize = 32 << 20;
const _: () = assert!(OPENED_BYTES > model::limits::HL7_MESSAGE_BYTES);

const LENGTH: usize = size_of::<u32>();

fn seal(key: &Key, bytes: &[u8]) -> Sealed {
    let room = LENGTH + block::get_maximum_output_size(bytes.len());
    let mut buffer = crypto::unsealed(room);
    let length = u32::try_from(bytes.len()).expect("records are bounded far below 4 GiB");
    buffer.extend_from_slice(&length.to_le_bytes());
    let start = buffer.len();
    buffer.resize(crypto::HEAD + room, 0);
    let (_, compressed) = buffer.split_at_mut(start);
    let used = block::compress_into(bytes, compressed).expect("the room is that of the worst case");
    buffer.truncate(start + used);
    Sealed(crypto::seal(key, b"", buffer))
}

fn open(key: &Key, sealed: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let opened = crypto::open(key, b"", sealed).ok_or(Unreadable)?;
    let (length, compressed) = opened.split_first_chunk().ok_or(Unreadable)?;
    let length = u32::from_le_bytes(*length) as usize;
    if length > OPENED_BYTES {
        return Err(Unreadable);
    }
    block::decompress(compressed, length).map_err(|_| Unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> RecordKey {
        RecordKey::new(combine([Key::new([byte; 32])].iter()), 20_000)
    }

    #[test]
    fn a_record_opens_only_as_what_it_was_sealed_as() {
        let result = br#"{"data":{"value":6.90},"data2":{"value":6.90},"data3":{"value":6.90}}"#;
        let sealed = key(1).seal(RecordKind::Event, 5, result);
        assert_eq!(key(1).open(RecordKind::Event, 5, &sealed).unwrap(), result);
        assert_eq!(key(1).open(RecordKind::Event, 6, &sealed), Err(Unreadable));
        assert_eq!(key(1).open(RecordKind::Rendered, 5, &sealed), Err(Unreadable));
        assert_eq!(key(2).open(RecordKind::Event, 5, &sealed), Err(Unreadable));
        assert_eq!(day_of(&sealed), Ok(20_000), "a reader learns which key to ask for");

        for place in 0..sealed.0.len() {
            let mut changed = sealed.clone();
            changed.0[place] ^= 1;
            assert_eq!(key(1).open(RecordKind::Event, 5, &changed), Err(Unreadable));
            changed.0.truncate(place);
            assert_eq!(key(1).open(RecordKind::Event, 5, &changed), Err(Unreadable));
        }
    }

    #[test]
    fn versions_of_a_resource_never_share_a_key() {
        let resources = ResourceKey::new(Key::new([1; 32]));
        let (one, other) = (ObjectKey([1; 16]), ObjectKey([2; 16]));
        let sealed = resources.seal(one, 1, b"{}");
        assert_eq!(resources.open(one, 1, &sealed).unwrap(), b"{}");
        assert_eq!(resources.open(one, 2, &sealed), Err(Unreadable));
        assert_eq!(resources.open(other, 1, &sealed), Err(Unreadable));
    }

    proptest::proptest! {
        #[test]
        fn what_is_sealed_comes_back(bytes: Vec<u8>, repeat in 1..64_usize, row: i64) {
            let bytes = bytes.repeat(repeat);
            let sealed = key(1).seal(RecordKind::Message, row, &bytes);
            proptest::prop_assert_eq!(key(1).open(RecordKind::Message, row, &sealed).unwrap(), bytes);
        }
    }
}

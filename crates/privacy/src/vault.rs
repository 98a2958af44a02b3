//! Wrapped keys at rest, in a file of their own.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use model::{Id, OrganisationId, SubjectKey};

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyName {
    /// Stand-ins for identifiers of an organisation. Never erased while it exists.
    Organisation(OrganisationId),
    /// Records of one day, counted from 1970.
    Day(OrganisationId, i64),
    /// Records about one subject.
    Subject(OrganisationId, SubjectKey),
}

impl KeyName {
    /// The first bytes of the names of days: a vault finds them between the two.
    pub const DAYS: std::ops::Range<u8> = 1..2;

    /// The organisation and day that bytes name, if they name a day.
    #[must_use]
    pub fn read_day(bytes: &[u8]) -> Option<(OrganisationId, i64)> {
        let (organisation, day) = bytes.strip_prefix(&[Self::DAYS.start])?.split_first_chunk()?;
        let day = day.try_into().map(i64::from_be_bytes).ok()?;
        Some((OrganisationId::from_raw(u128::from_be_bytes(*organisation)), day))
    }

    /// The name as bytes: what a vault may store it under, and what a wrapped key is bound to.
    #[must_use]
    pub fn to_bytes(self) -> Vec<u8> {
        let (kind, organisation) = match self {
            KeyName::Organisation(organisation) => (0, organisation),
            KeyName::Day(organisation, _) => (Self::DAYS.start, organisation),
            KeyName::Subject(organisation, _) => (2, organisation),
        };
        let mut bytes = vec![kind];
        bytes.extend_from_slice(&organisation.raw().to_be_bytes());
        match self {
            KeyName::Organisation(_) => {}
            KeyName::Day(_, day) => bytes.extend_from_slice(&day.to_be_bytes()),
            KeyName::Subject(_, subject) => bytes.extend_from_slice(&subject.0),
        }
        bytes
    }
}

/// A key under the master key.
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKey(pub Vec<u8>);

impl fmt::Debug for WrappedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("wrapped key")
    }
}

/// Where wrapped keys rest: apart from the data, so that a key can be erased for good.
#[async_trait]
pub trait Vault: Send + Sync {
    /// The keys with these names, in order.
    ///
    /// # Errors
    /// The vault cannot be read.
    async fn load(&self, names: &[KeyName]) -> Result<Vec<Option<WrappedKey>>, VaultError>;

    /// Keeps new keys, durably when it returns. The first writer wins: a key
    /// that is there already stays, and what is stored is returned, in order.
    ///
    /// # Errors
    /// Nothing was kept.
    async fn keep(&self, keys: Vec<(KeyName, WrappedKey)>) -> Result<Vec<WrappedKey>, VaultError>;

    /// The days before `before` that have keys, of all organisations: what retention may drop.
    ///
    /// # Errors
    /// The vault cannot be read.
    async fn days(&self, before: i64) -> Result<Vec<(OrganisationId, i64)>, VaultError>;

    /// Erases keys for good, durably when it returns; tells how many there were.
    ///
    /// # Errors
    /// Some of them may still be there.
    async fn erase(&self, names: &[KeyName]) -> Result<u64, VaultError>;
}

/// A vault failed.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// No space is left for new keys.
    #[error("the disk of the key file is full")]
    DiskFull,
    /// The key file stopped after a failed write and must be opened again.
    #[error("the key file has stopped: {0}")]
    Stopped(String),
    /// Anything else from below.
    #[error("the key file failed")]
    Backend(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A vault for tests and simulation: what it keeps survives a crash of the store beside it.
#[derive(Debug, Default)]
pub struct MemoryVault(Mutex<BTreeMap<KeyName, WrappedKey>>);

impl MemoryVault {
    fn keys(&self) -> MutexGuard<'_, BTreeMap<KeyName, WrappedKey>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Vault for MemoryVault {
    async fn load(&self, names: &[KeyName]) -> Result<Vec<Option<WrappedKey>>, VaultError> {
        let keys = self.keys();
        Ok(names.iter().map(|name| keys.get(name).cloned()).collect())
    }

    async fn keep(&self, new: Vec<(KeyName, WrappedKey)>) -> Result<Vec<WrappedKey>, VaultError> {
        let mut keys = self.keys();
        Ok(new.into_iter().map(|(name, key)| keys.entry(name).or_insert(key).clone()).collect())
    }

    async fn days(&self, before: i64) -> Result<Vec<(OrganisationId, i64)>, VaultError> {
        let of_day = |name: &KeyName| match name {
            KeyName::Day(organisation, day) => (*day < before).then_some((*organisation, *day)),
            KeyName::Organisation(_) | KeyName::Subject(..) => None,
        };
        Ok(self.keys().keys().filter_map(of_day).collect())
    }

    async fn erase(&self, names: &[KeyName]) -> Result<u64, VaultError> {
        let mut keys = self.keys();
        Ok(names.iter().filter(|name| keys.remove(name).is_some()).count() as u64)
    }
}

//! Keys opened for use: made on first use, durable before they seal anything.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use model::{Clock, OrganisationId, Sealed, SubjectKey, day_of_row};

use crate::cache::Cache;
use crate::crypto::{self, Key, Random, SystemRandomness};
use crate::record::{combine, day_of};
use crate::{
    KeyName, MasterKey, OrganisationKeys, RecordKey, ResourceKey, Scope, Vault, VaultError, WrappedKey,
};

/// The keys of an installation.
///
/// Erasing a day or a subject is complete at once here, and within
/// [`model::limits::OPENED_KEY_AGE`] wherever else the same vault is in use.
pub struct Keyring {
    wrapping: Key,
    vault: Arc<dyn Vault>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    opened: Cache,
    /// The earliest day that anything is sealed under.
    earliest: AtomicI64,
    organisations: RwLock<HashMap<OrganisationId, Arc<OrganisationKeys>>>,
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The vault failed.
    #[error("the keys cannot be reached")]
    Vault(#[from] VaultError),
    /// The key is damaged, or wrapped under another master key.
    #[error("the key {0:?} does not open under this master key")]
    Unwrap(KeyName),
    /// What was to be opened is no record.
    #[error("the record is damaged: it names no day")]
    Damaged,
}

impl Keyring {
    /// The keys in `vault`, under `master`.
    #[must_use]
    pub fn new(master: &MasterKey, vault: Arc<dyn Vault>, clock: Arc<dyn Clock>) -> Self {
        Keyring {
            wrapping: master.wrapping_key(),
            vault,
            clock,
            random: Arc::new(SystemRandomness),
            opened: Cache::new(),
            earliest: AtomicI64::new(i64::MIN),
            organisations: RwLock::default(),
        }
    }

    /// Makes new keys from another source, so that a simulation can be repeated.
    #[must_use]
    pub fn with_random(mut self, random: Arc<dyn Random>) -> Self {
        self.random = random;
        self
    }

    /// The keys for stand-ins of an organisation, made on first use.
    ///
    /// # Errors
    /// The vault fails, or holds a key of another installation.
    pub async fn organisation(&self, id: OrganisationId) -> Result<Arc<OrganisationKeys>, Error> {
        if let Some(keys) = self.cached_organisation(id) {
            return Ok(keys);
        }
        let opened = self.open_or_make([KeyName::Organisation(id)].into()).await?;
        let keys = opened.into_values().map(|key| Arc::new(OrganisationKeys::new(&key)));
        let mut known = self.organisations.write().unwrap_or_else(PoisonError::into_inner);
        known.extend(keys.map(|keys| (id, keys)));
        known.get(&id).cloned().ok_or(Error::Unwrap(KeyName::Organisation(id)))
    }

    /// The same without waiting, if they were asked for before.
    #[must_use]
    pub fn cached_organisation(&self, id: OrganisationId) -> Option<Arc<OrganisationKeys>> {
        self.organisations.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// The key for records of a day and subject without waiting, if it was used within the last minute.
    #[must_use]
    pub fn cached(&self, of: OrganisationId, day: i64, subject: Option<SubjectKey>) -> Option<RecordKey> {
        let key = self.opened.find(Scope::record(of, day, subject), self.clock.now())?;
        Some(RecordKey::new(key, day))
    }

    /// The key to seal the record of a row with, about a subject or about none.
    /// What is missing is made, durably, before it is returned.
    ///
    /// The day is today, but never before the row's: so what stands under days
    /// before some day is found among the rows before it, whatever clocks did.
    ///
    /// # Errors
    /// The vault fails, or holds a key of another installation.
    pub async fn for_sealing(
        &self,
        organisation: OrganisationId,
        row: i64,
        subject: Option<SubjectKey>,
    ) -> Result<RecordKey, Error> {
        let today = self.clock.now().day().max(self.earliest.load(Ordering::SeqCst));
        let day = today.max(day_of_row(row));
        let key = self.to_seal(Scope::record(organisation, day, subject)).await?;
        Ok(RecordKey::new(key, day))
    }

    /// From now on nothing is sealed under days before `day`: their keys are to go.
    pub fn seal_from(&self, day: i64) {
        self.earliest.fetch_max(day, Ordering::SeqCst);
    }

    /// The days before `before` that have keys, of all organisations.
    ///
    /// # Errors
    /// The vault fails.
    pub async fn days(&self, before: i64) -> Result<Vec<(OrganisationId, i64)>, Error> {
        Ok(self.vault.days(before).await?)
    }

    /// The keys for many records, in order, with one visit to the vault: for a batch of new subjects.
    ///
    /// # Errors
    /// The vault fails, or holds a key of another installation.
    pub async fn for_sealing_all(&self, scopes: &[Scope]) -> Result<Vec<RecordKey>, Error> {
        let (now, generation) = (self.clock.now(), self.opened.generation());
        let found: Vec<_> = scopes.iter().map(|scope| self.opened.find(*scope, now)).collect();
        let missing = scopes.iter().zip(&found).filter(|(_, key)| key.is_none());
        let names: BTreeSet<KeyName> = missing.flat_map(|(scope, _)| scope.names()).collect();
        let opened = if names.is_empty() { BTreeMap::new() } else { self.open_or_make(names).await? };
        let key = |(scope, found): (&Scope, Option<Key>)| {
            let key = found.unwrap_or_else(|| {
                let key = combine(scope.names().filter_map(|name| opened.get(&name)));
                self.opened.insert(*scope, key.clone(), now, generation);
                key
            });
            RecordKey::new(key, scope.day())
        };
        Ok(scopes.iter().zip(found).map(key).collect())
    }

    /// The key that a record was sealed with; none once its day or its subject was erased.
    ///
    /// # Errors
    /// The vault fails, or holds a key of another installation; or it is no record.
    pub async fn for_opening(
        &self,
        organisation: OrganisationId,
        subject: Option<SubjectKey>,
        sealed: &Sealed,
    ) -> Result<Option<RecordKey>, Error> {
        let day = day_of(sealed).map_err(|_| Error::Damaged)?;
        let key = self.to_open(Scope::record(organisation, day, subject)).await?;
        Ok(key.map(|key| RecordKey::new(key, day)))
    }

    /// The key for present versions of a subject's resources, made on first use.
    ///
    /// # Errors
    /// The vault fails, or holds a key of another installation.
    pub async fn resource_for_sealing(
        &self,
        organisation: OrganisationId,
        subject: SubjectKey,
    ) -> Result<ResourceKey, Error> {
        self.to_seal(Scope::resource(organisation, subject)).await.map(ResourceKey::new)
    }

    /// The key of a subject's resources; none once the subject was erased.
    ///
    /// # Errors
    /// The vault fails, or holds a key of another installation.
    pub async fn resource_for_opening(
        &self,
        organisation: OrganisationId,
        subject: SubjectKey,
    ) -> Result<Option<ResourceKey>, Error> {
        Ok(self.to_open(Scope::resource(organisation, subject)).await?.map(ResourceKey::new))
    }

    /// Makes everything sealed about a subject unreadable, for good. Tells whether there was anything.
    ///
    /// # Errors
    /// The vault fails; the erasure must be asked for again.
    pub async fn forget_subject(&self, of: OrganisationId, subject: SubjectKey) -> Result<bool, Error> {
        self.erase(KeyName::Subject(of, subject)).await
    }

    /// Makes every record of a day unreadable, for good. What is still owed must have been re-sealed (K1).
    ///
    /// # Errors
    /// The vault fails; the day must be dropped again.
    pub async fn drop_day(&self, of: OrganisationId, day: i64) -> Result<bool, Error> {
        self.erase(KeyName::Day(of, day)).await
    }

    /// Wipes opened keys that are too old to be used. To be called every minute or so.
    pub fn sweep(&self) {
        self.opened.sweep(self.clock.now());
    }

    async fn to_seal(&self, scope: Scope) -> Result<Key, Error> {
        if let Some(key) = self.opened.find(scope, self.clock.now()) {
            return Ok(key);
        }
        let (now, generation) = (self.clock.now(), self.opened.generation());
        let opened = self.open_or_make(scope.names().collect()).await?;
        let key = combine(scope.names().filter_map(|name| opened.get(&name)));
        self.opened.insert(scope, key.clone(), now, generation);
        Ok(key)
    }

    async fn to_open(&self, scope: Scope) -> Result<Option<Key>, Error> {
        if let Some(key) = self.opened.find(scope, self.clock.now()) {
            return Ok(Some(key));
        }
        let (now, generation) = (self.clock.now(), self.opened.generation());
        let names: Vec<KeyName> = scope.names().collect();
        let wrapped: Option<Vec<WrappedKey>> = self.vault.load(&names).await?.into_iter().collect();
        let Some(wrapped) = wrapped else { return Ok(None) };
        let opened: Vec<Key> = names
            .iter()
            .zip(&wrapped)
            .map(|(name, key)| self.unwrap(*name, key))
            .collect::<Result<_, _>>()?;
        let key = combine(opened.iter());
        self.opened.insert(scope, key.clone(), now, generation);
        Ok(Some(key))
    }

    async fn open_or_make(&self, names: BTreeSet<KeyName>) -> Result<BTreeMap<KeyName, Key>, Error> {
        let names: Vec<KeyName> = names.into_iter().collect();
        let found = self.vault.load(&names).await?;
        let (mut opened, mut made) = (BTreeMap::new(), Vec::new());
        for (name, found) in names.into_iter().zip(found) {
            match found {
                Some(wrapped) => drop(opened.insert(name, self.unwrap(name, &wrapped)?)),
                None => made.push((name, self.make(name))),
            }
        }
        if made.is_empty() {
            return Ok(opened);
        }
        // Somebody else may have been faster: what the vault answers is what counts.
        let names: Vec<KeyName> = made.iter().map(|(name, _)| *name).collect();
        for (name, kept) in names.into_iter().zip(self.vault.keep(made).await?) {
            opened.insert(name, self.unwrap(name, &kept)?);
        }
        Ok(opened)
    }

    fn make(&self, name: KeyName) -> WrappedKey {
        let mut key = Key::default();
        self.random.fill(key.as_mut_slice());
        let mut buffer = crypto::unsealed(key.len());
        buffer.extend_from_slice(key.as_slice());
        WrappedKey(crypto::seal(&self.wrapping, &name.to_bytes(), buffer))
    }

    fn unwrap(&self, name: KeyName, wrapped: &WrappedKey) -> Result<Key, Error> {
        let opened = crypto::open(&self.wrapping, &name.to_bytes(), &wrapped.0);
        let key = opened.and_then(|opened| opened.as_slice().try_into().ok().map(Key::new));
        key.ok_or(Error::Unwrap(name))
    }

    async fn erase(&self, name: KeyName) -> Result<bool, Error> {
        // Before and after: what was loaded meanwhile may still be the old key.
        self.opened.turn();
        let erased = self.vault.erase(&[name]).await;
        self.opened.turn();
        self.opened.forget(|scope| scope.stands_under(name));
        Ok(erased? > 0)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("keyring")
    }
}

#[cfg(test)]
mod tests;

//! The live configuration: opened once, changed in one place, seen by all.
//!
//! Reading takes no lock: [`Settings::now`] gives the present configuration as
//! one value that never changes. Changing is one at a time, durable and audited
//! before anybody sees it. `documents` says how a thing is stored, `owed` what a
//! webhook's settings make of an event, `number` its place among what a webhook is told, `tell` what it is told.

mod documents;
mod number;
mod owed;
mod tell;

use std::convert::Infallible;
use std::sync::Arc;

use arc_swap::ArcSwap;
use matching::Compiled;
use model::{Change, Config, Id as _, Integration, IntegrationId, SiteMap, Versioned};
use privacy::ConfigSeal;
use store::Store;
use tokio::sync::{Mutex, watch};

pub use number::number;
pub use owed::{followed, owed};
pub use tell::tell;

/// The configuration of the installation.
pub struct Settings {
    store: Arc<dyn Store>,
    seal: ConfigSeal,
    now: ArcSwap<Compiled>,
    changing: Mutex<()>,
    version: watch::Sender<u64>,
}

/// What is to change, and what the audit log says of it.
pub type Plan = (Vec<Change>, Vec<audit::Entry>);

/// Why the configuration cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store failed.
    #[error("the configuration cannot be reached")]
    Store(#[from] store::Error),
    /// A document does not open under this master key.
    #[error("the {kind} document {id:032x} is damaged, or sealed under another master key")]
    Unreadable {
        /// What it is.
        kind: String,
        /// The bits of its id.
        id: u128,
    },
    /// A document opens, and this version cannot read it.
    #[error("this version cannot read the {kind} document {id:032x}")]
    Unknown {
        /// What it is.
        kind: String,
        /// The bits of its id.
        id: u128,
        /// Where reading ended, if it began.
        #[source]
        source: Option<serde_json::Error>,
    },
    /// Others kept changing the configuration meanwhile.
    #[error("the configuration was changed by others {TRIES} times in a row")]
    Contended,
}

/// What messages of an integration were read by.
#[derive(Debug)]
pub struct Then {
    /// Its settings; none if there was no such integration.
    pub integration: Option<Arc<Versioned<Integration>>>,
    /// Its tables; none if it had none.
    pub site: Option<Arc<Versioned<SiteMap>>>,
}

/// Why [`Settings::edit`] changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum Refused<E> {
    /// The plan refused.
    #[error("refused")]
    Plan(E),
    /// It could not be written.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl Settings {
    /// Opens every stored document.
    ///
    /// # Errors
    /// The store fails, or a document cannot be read: another master key, damage, a later version.
    pub async fn load(store: Arc<dyn Store>, seal: ConfigSeal) -> Result<Self, Error> {
        let now = ArcSwap::from_pointee(Compiled::new(Config::default()));
        let settings =
            Settings { store, seal, now, changing: Mutex::new(()), version: watch::Sender::new(0) };
        settings.catch_up().await?;
        Ok(settings)
    }

    /// A configuration that is not the one in the store, for trying what it would do: change nothing by it.
    #[must_use]
    pub fn aside(store: Arc<dyn Store>, seal: ConfigSeal, now: Arc<Compiled>) -> Self {
        let version = watch::Sender::new(now.config.version);
        Settings { store, seal, now: ArcSwap::new(now), changing: Mutex::new(()), version }
    }

    /// The configuration as it is now. Keep it for one decision, not for longer.
    #[must_use]
    pub fn now(&self) -> Arc<Compiled> {
        self.now.load_full()
    }

    /// The version, and a wake-up whenever it rises.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    /// What an integration and its tables were at a version of the configuration.
    ///
    /// # Errors
    /// The store fails, or a document cannot be read any more.
    pub async fn at(&self, integration: IntegrationId, version: u64) -> Result<Then, Error> {
        let mut then = Config::default();
        for kind in [documents::INTEGRATION, documents::SITE_MAP] {
            if let Some(row) = self.store.config_at(kind, integration.raw(), version).await? {
                let version = row.version;
                then.apply(documents::open(&self.seal, row)?, version);
            }
        }
        Ok(Then {
            integration: then.integrations.remove(&integration),
            site: then.site_maps.remove(&integration),
        })
    }

    /// Makes changes durable together with their audit entries, then visible. Returns the new version.
    ///
    /// # Errors
    /// Nothing was changed.
    pub async fn change(&self, changes: Vec<Change>, entries: Vec<audit::Entry>) -> Result<u64, Error> {
        let plan = |_: &Config| Ok::<Plan, Infallible>((changes.clone(), entries.clone()));
        self.edit(plan).await.map_err(|refused| match refused {
            Refused::Plan(never) => match never {},
            Refused::Failed(error) => error,
        })
    }

    /// The same for changes that depend on what is configured: nobody changes
    /// anything between the look that `plan` takes and the writing of what it says.
    ///
    /// # Errors
    /// The plan refused, or nothing could be written. Nothing was changed.
    pub async fn edit<E>(&self, plan: impl Fn(&Config) -> Result<Plan, E>) -> Result<u64, Refused<E>> {
        let _alone = self.changing.lock().await;
        for _ in 0..TRIES {
            let before = self.now();
            let (changes, entries) = plan(&before.config).map_err(Refused::Plan)?;
            match self.write(&before.config, changes, entries).await {
                // Another process did: look again at what it left.
                Err(Error::Store(store::Error::Stale(_))) => self.catch_up().await?,
                done => return done.map_err(Refused::Failed),
            }
        }
        Err(Refused::Failed(Error::Contended))
    }

    /// Takes over what another process has changed.
    ///
    /// # Errors
    /// It cannot be read; the configuration stays as it was.
    pub async fn reload(&self) -> Result<(), Error> {
        let _alone = self.changing.lock().await;
        self.catch_up().await
    }

    async fn catch_up(&self) -> Result<(), Error> {
        let mut config = self.now().config.clone();
        let rows = self.store.config_since(config.version).await?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in rows {
            let version = row.version;
            config.apply(documents::open(&self.seal, row)?, version);
        }
        self.show(config);
        Ok(())
    }

    async fn write(
        &self,
        before: &Config,
        changes: Vec<Change>,
        entries: Vec<audit::Entry>,
    ) -> Result<u64, Error> {
        // A document is sealed for the version that it makes.
        let next = before.version + 1;
        let rows = changes.iter().map(|change| documents::seal(&self.seal, change, next)).collect();
        let version = self.store.config_apply(rows, entries, before.version).await?;
        if version != next {
            let what = format!("version {version} follows {}", before.version);
            return Err(store::Error::Damaged { table: "config", what }.into());
        }
        let mut config = before.clone();
        changes.into_iter().for_each(|change| config.apply(change, version));
        config.version = version;
        self.show(config);
        Ok(version)
    }

    fn show(&self, config: Config) {
        let version = config.version;
        let before = self.now();
        self.now.store(Arc::new(Compiled::after(config, &before)));
        self.version.send_replace(version);
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "settings at version {}", self.now().config.version)
    }
}

const TRIES: usize = 3;

#[cfg(test)]
mod tests;

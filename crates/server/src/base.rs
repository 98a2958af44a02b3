//! The store with its keys: what serving and the offline commands stand on.

use std::sync::Arc;

use anyhow::Context as _;
use audit::{Action, Actor, Entry};
use model::{
    AlertRule, ApiKey, Change, Clock, Ids, KeyId, Lane, Organisation, Role, Schedule, Scope, Secret,
    SystemClock,
};
use privacy::{ConfigSeal, Keyring, MasterKey};
use settings::Settings;
use store::Store;
use store_sqlite::{KeyFile, SqliteStore};

use crate::config::Config;
use crate::keyfile;

/// The store opened and its keys at hand, without anything running: for serving and for offline commands.
pub struct Base {
    /// The store.
    pub sqlite: Arc<SqliteStore>,
    /// The same as the verbs of storage.
    pub store: Arc<dyn Store>,
    /// The configuration in it.
    pub settings: Arc<Settings>,
    /// Opens what is sealed in it.
    pub keyring: Arc<Keyring>,
    /// Mints ids above those in it.
    pub ids: Arc<Ids>,
    /// The machine's clock.
    pub clock: Arc<dyn Clock>,
    /// Third parties that can be connected.
    pub presets: presets::Library,
    pub(crate) master: MasterKey,
    pub(crate) keys: Arc<KeyFile>,
}

impl Base {
    /// Opens the store of a configuration under its master key.
    ///
    /// # Errors
    /// The key cannot be read or is not the one of this data, or the store cannot be opened.
    pub async fn open(config: &Config) -> anyhow::Result<Base> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let master = keyfile::read(config)?;
        let dir = &config.data.dir;
        let options = store_sqlite::Options {
            audit_key: *master.audit_key().expose(),
            tag_seed: keyfile::random_tag(),
            clock: clock.clone(),
        };
        let sqlite = SqliteStore::open(dir, options)
            .with_context(|| format!("cannot open the data directory {}", dir.display()))?;
        let keys = KeyFile::open(&dir.join("keys.db"))
            .with_context(|| format!("cannot open the key file in {}", dir.display()))?;
        let keys = Arc::new(keys);
        let keyring = Arc::new(Keyring::new(&master, keys.clone(), clock.clone()));
        let store: Arc<dyn Store> = sqlite.clone();
        let settings = Settings::load(store.clone(), ConfigSeal::new(&master)).await.context(
            "the configuration cannot be read. hint: is this the master key that the data was made with?",
        )?;
        let installation = store.installation();
        let ids = Arc::new(Ids::new(installation.tag, installation.last_row));
        let presets = config.presets.load()?;
        Ok(Base { sqlite, store, settings: Arc::new(settings), keyring, ids, clock, presets, master, keys })
    }

    /// Refuses a retention that is shorter than what a webhook was promised.
    pub(crate) fn retention_covers(&self, retention: &retention::Options) -> anyhow::Result<()> {
        let most = retention.horizon_most();
        for webhook in self.settings.now().config.webhooks.values() {
            let horizon = Schedule::of(webhook.retry.as_ref(), Lane::Routine).horizon();
            anyhow::ensure!(
                horizon.is_none_or(|horizon| horizon <= most),
                "retention.log is shorter than the horizon of the webhook {} and a week. hint: keep the log longer",
                webhook.id
            );
        }
        Ok(())
    }

    /// On an empty store: the first organisation and its admin's key.
    pub(crate) async fn first_start(&self, config: &Config) -> anyhow::Result<Option<String>> {
        if !self.settings.now().config.organisations.is_empty() {
            return Ok(None);
        }
        let now = self.clock.now();
        let organisation =
            Organisation { id: self.ids.next(now), name: "Default".to_owned(), created_at: now };
        let key = NewKey {
            organisation: organisation.id,
            name: "first admin".to_owned(),
            role: Role::Admin,
            integration: None,
        };
        let (mut doc, text) = self.mint(key);
        doc.installation = true;
        if let Some(path) = &config.keys.admin_key_file {
            // Written before it works: a crash in between leaves a key that opens nothing, not a lost one.
            keyfile::write_new(path, &format!("{}\n", text.expose()))?;
        }
        let entry = self.entry(doc.organisation_id, Action::Create, doc.id.to_string());
        let rules = AlertRule::defaults(organisation.id, now, || self.ids.next(now));
        let mut changes = vec![Change::PutOrganisation(organisation), Change::PutKey(doc)];
        changes.extend(rules.into_iter().map(Box::new).map(Change::PutAlertRule));
        self.settings.change(changes, vec![entry]).await?;
        Ok(config.keys.admin_key_file.is_none().then(|| text.expose().clone()))
    }

    /// A new API key and its text, not yet stored.
    #[must_use]
    pub fn mint(&self, wish: NewKey) -> (ApiKey, Secret<String>) {
        let now = self.clock.now();
        let id: KeyId = self.ids.next(now);
        let (text, hash) = privacy::api_key::mint(id);
        let doc = ApiKey {
            id,
            organisation_id: wish.organisation,
            name: wish.name,
            role: wish.role,
            integration_id: wish.integration,
            scopes: Vec::<Scope>::new(),
            hash,
            created_at: now,
            expires_at: None,
            installation: false,
        };
        (doc, text)
    }

    /// An audit entry of the command line.
    #[must_use]
    pub fn entry(&self, organisation: model::OrganisationId, action: Action, target: String) -> Entry {
        let (at, actor) = (self.clock.now(), Actor::CommandLine);
        Entry { at, organisation: Some(organisation), actor, action, target, detail: String::new() }
    }

    /// The key that the audit chain stands under.
    #[must_use]
    pub fn audit_key(&self) -> Secret<[u8; 32]> {
        self.master.audit_key()
    }
}

/// What a new API key is for.
pub struct NewKey {
    /// Whose it is.
    pub organisation: model::OrganisationId,
    /// Its name.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The integration of a sender.
    pub integration: Option<model::IntegrationId>,
}

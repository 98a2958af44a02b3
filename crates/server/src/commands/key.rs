//! `carehook key`: API keys, straight in the store.

use std::path::PathBuf;

use anyhow::Context as _;
use audit::Action;
use clap::{Args, Subcommand};
use model::{Change, Config as Configured, IntegrationId, OrganisationId, Role};

use super::settings::Settings;
use super::{End, Misuse, block_on, out};
use crate::base::{Base, NewKey};

/// Manage API keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Key {
    /// Make an API key and print it, once
    Create(Create),
}

impl Key {
    pub(crate) fn run(self) -> anyhow::Result<End> {
        match self {
            Key::Create(create) => block_on(create.run()),
        }
    }
}

/// Make an API key.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// admin, engineer, viewer or sender
    #[arg(long, value_parser = role)]
    role: Role,
    /// Its name, as people know it
    #[arg(long)]
    name: String,
    /// The data directory; no server may run on it
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The file with the master key
    #[arg(long, value_name = "FILE")]
    key_file: PathBuf,
    /// The integration that a sender is bound to
    #[arg(long, value_name = "ID")]
    integration: Option<IntegrationId>,
    /// The organisation, where there are several
    #[arg(long, value_name = "ID")]
    organisation: Option<OrganisationId>,
}

impl Create {
    async fn run(self) -> anyhow::Result<End> {
        if self.role.is_for_systems() != self.integration.is_some() {
            return Err(Misuse::error(
                "a sender or a subscriber, and nobody else, is bound to an integration: --integration ID",
            ));
        }
        let name = self.name.trim();
        if name.is_empty() || name.len() > NAME_BYTES || name.chars().any(char::is_control) {
            return Err(Misuse::error("a name has 1 to 200 bytes, none of them control characters"));
        }
        super::audit::is_store(&self.data)?;
        let config = Settings::of_store(&self.data, &self.key_file, None).load()?;
        let base = Box::pin(Base::open(&config)).await?;
        let configured = base.settings.now();
        let organisation = self.organisation(&configured.config)?;
        let wish =
            NewKey { organisation, name: name.to_owned(), role: self.role, integration: self.integration };
        let (doc, text) = base.mint(wish);
        let entry = base.entry(organisation, Action::Create, doc.id.to_string());
        let id = doc.id;
        base.settings
            .change(vec![Change::PutKey(doc)], vec![entry])
            .await
            .context("the key cannot be stored")?;
        out::note(&format!("{id} is made; its text is shown only now:"));
        out::data(text.expose())?;
        Ok(End::Well)
    }

    /// Whose key it becomes: of the integration, of the named, or of the only one there is.
    fn organisation(&self, config: &Configured) -> anyhow::Result<OrganisationId> {
        if let Some(id) = self.integration {
            let found = config.integrations.get(&id).map(|found| found.organisation_id);
            let fits = found.filter(|of| self.organisation.is_none_or(|named| named == *of));
            return fits.ok_or_else(|| Misuse::error(format!("there is no integration {id}")));
        }
        let ids: Vec<OrganisationId> = config.organisations.keys().copied().collect();
        match (self.organisation, ids.as_slice()) {
            (Some(named), _) if ids.contains(&named) => Ok(named),
            (Some(named), _) => Err(Misuse::error(format!("there is no organisation {named}"))),
            (None, [only]) => Ok(*only),
            (None, []) => Err(Misuse::error("the store is empty\nhint: start the server on it once")),
            (None, several) => {
                let lines: Vec<String> = several.iter().map(|id| format!("  {id}")).collect();
                let lines = lines.join("\n");
                Err(Misuse::error(format!(
                    "there are several organisations:\n{lines}\nhint: --organisation ID"
                )))
            }
        }
    }
}

const NAME_BYTES: usize = 200;

fn role(text: &str) -> Result<Role, String> {
    let known = [Role::Admin, Role::Engineer, Role::Viewer, Role::Sender, Role::Subscriber];
    let names = ["admin", "engineer", "viewer", "sender", "subscriber"];
    let found = names.iter().position(|name| *name == text).and_then(|place| known.get(place));
    found.copied().ok_or_else(|| format!("one of: {}", names.join(", ")))
}

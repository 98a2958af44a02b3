//! `carehook org`: organisations of a running server.

use clap::{Args, Subcommand};
use serde_json::json;

use super::out::{self, Output, Shape};
use super::server::Server;
use super::{End, block_on};

/// Manage organisations of a running server; takes the key of the installation's admin.
#[derive(Subcommand)]
pub(crate) enum Org {
    /// Make an organisation and print the API key of its first admin, once
    Create(Create),
}

impl Org {
    pub(crate) fn run(self) -> anyhow::Result<End> {
        match self {
            Org::Create(create) => block_on(create.run()),
        }
    }
}

/// Make an organisation.
#[derive(Args)]
pub(crate) struct Create {
    /// Its name, as people know it
    name: String,
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    shape: Shape,
}

impl Create {
    async fn run(self) -> anyhow::Result<End> {
        let client = self.server.client()?;
        let made = client.post("/admin/organisations", &json!({ "name": self.name })).await?;
        if self.shape.output == Output::Json {
            out::data(&made.to_string())?;
            return Ok(End::Well);
        }
        let text = |member: &str| made[member].as_str().map(str::to_owned).unwrap_or_default();
        out::note(&format!("{} is made; the key of its first admin is shown only now:", text("id")));
        out::data(&text("adminKey"))?;
        Ok(End::Well)
    }
}

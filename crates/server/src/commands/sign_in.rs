//! `carehook sign-in`: a one-time link to the console of a running server.

use anyhow::Context as _;
use clap::Args;

use super::out::{self, Shape};
use super::server::Server;
use super::{End, block_on};

/// Print a link that signs its opener in to the console, once, with the rights of your key.
#[derive(Args)]
pub(crate) struct SignIn {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    shape: Shape,
}

impl SignIn {
    pub(crate) fn run(self) -> anyhow::Result<End> {
        block_on(self.ask())
    }

    async fn ask(self) -> anyhow::Result<End> {
        let made = self.server.client()?.post("/session/links", &serde_json::Value::Null).await?;
        let url = made["url"].as_str().context("the server answered no address")?;
        self.shape.print(|| url.to_owned(), || made.clone())?;
        out::note("hint: open it within ten minutes; it works once, for whoever opens it first");
        Ok(End::Well)
    }
}

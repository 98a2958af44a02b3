//! `carehook openapi`: the description of the HTTP surface.

use clap::Args;

use super::{End, out};

/// Print the description of the HTTP surface as OpenAPI.
#[derive(Debug, Args)]
pub(crate) struct Openapi {}

impl Openapi {
    pub(crate) fn run(self) -> anyhow::Result<End> {
        let Openapi {} = self;
        out::data(&serde_json::to_string_pretty(&api::openapi())?)?;
        Ok(End::Well)
    }
}

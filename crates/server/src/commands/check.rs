//! `carehook check`: everything that is wrong with a configuration, at once.

use clap::Args;

use super::settings::Settings;
use super::{End, out};

/// Say everything that is wrong with a configuration.
#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    settings: Settings,
    /// Print the whole configuration, with its defaults
    #[arg(long)]
    show: bool,
}

impl Check {
    pub(crate) fn run(self) -> anyhow::Result<End> {
        let config = self.settings.load()?;
        if self.show {
            out::data(&toml::to_string_pretty(&config)?)?;
        }
        out::note("the configuration is good");
        Ok(End::Well)
    }
}

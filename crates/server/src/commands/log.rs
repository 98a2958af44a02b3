//! What the server says, on standard error.

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;

use super::Misuse;
use crate::config::{Log, LogFormat};

/// Begins to log. A second start in one process changes nothing.
pub(super) fn start(log: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&log.filter);
    let filter = filter.map_err(|fault| Misuse(fault.to_string())).context("log.filter cannot be read")?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match log.format {
        LogFormat::Text => lines.with_ansi(false).try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
    if started.is_err() {
        tracing::debug!("logging has begun before");
    }
    Ok(())
}

//! `carehook serve`: the server, until it is asked to end.

use clap::Args;

use super::settings::Settings;
use super::signals::Signals;
use super::{End, block_on, log, out};
use crate::config::Config;
use crate::keyfile;
use crate::wire::Node;

/// Run the server.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    settings: Settings,
}

impl Serve {
    pub(crate) fn run(self) -> anyhow::Result<End> {
        let config = self.settings.load()?;
        log::start(&config.log)?;
        if config.dev {
            out::note(BANNER);
        }
        block_on(serve(config))
    }
}

async fn serve(config: Config) -> anyhow::Result<End> {
    // Heard from the start: a signal during a long recovery must not be lost.
    let mut signals = Signals::listen()?;
    let key_line = key_line(&config);
    let scheme = if config.http.tls.is_some() { "https" } else { "http" };
    let is_dev = config.dev && config.http.tls.is_none();
    let starting = Box::pin(Node::start(config));
    let node = tokio::select! {
        node = starting => node?,
        () = signals.asked() => return Ok(End::Well),
    };
    out::note(&format!("carehook {} serves {scheme}://{}", env!("CARGO_PKG_VERSION"), node.http()));
    if is_dev && let Some(link) = node.sign_in_link("/") {
        out::note(&format!("sign in, once and within ten minutes: {link}"));
    }
    if node.admin_key().is_some() {
        out::note(&key_line);
    }
    let end = tokio::select! {
        () = signals.asked() => End::Well,
        () = node.fatal() => End::Badly,
    };
    out::note("stopping: calls under way are finished; ask again to end at once");
    let stopping = Box::pin(node.stop());
    tokio::select! {
        () = stopping => Ok(end),
        () = signals.asked() => Ok(End::Badly),
    }
}

// The key itself is not shown: standard error often ends in a log that many can read.
fn key_line(config: &Config) -> String {
    let (data, key) = (config.data.dir.display(), keyfile::path(config));
    format!(
        "no admin key was written, since there is no --admin-key-file\n\
         hint: end the server, then make a key: carehook key create --role admin --name NAME --data {data} --key-file {}",
        key.display()
    )
}

const BANNER: &str = "\
************************************************************************
*  --dev: http:// and loopback destinations are allowed, TLS rules are  *
*  waived. For trials with synthetic patients only.                     *
************************************************************************";

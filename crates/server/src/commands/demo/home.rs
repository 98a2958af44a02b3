//! Where a demo keeps its files: a fresh directory that goes with it, or one that stays.

use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use model::{Clock as _, SystemClock};
use toml::Value;

use super::super::{Misuse, out};
use crate::config::{self, Config, Flags, Log};

/// The files of a demo. The master key lies beside the data, never in it.
pub(super) struct Home {
    data: PathBuf,
    /// What is removed at the end.
    fleeting: Option<PathBuf>,
}

impl Home {
    /// The directory that was named, or a fresh one.
    pub(super) fn open(data: Option<&Path>) -> anyhow::Result<Home> {
        if let Some(data) = data {
            return Ok(Home { data: data.to_owned(), fleeting: None });
        }
        let name = format!("carehook-demo-{}-{}", std::process::id(), SystemClock.now().millis());
        let home = std::env::temp_dir().join(name);
        std::fs::DirBuilder::new()
            .mode(0o700)
            .create(&home)
            .context("cannot make a directory for the demo")?;
        Ok(Home { data: home.join("data"), fleeting: Some(home) })
    }

    /// The configuration of the demo's server.
    pub(super) fn config(&self) -> anyhow::Result<Config> {
        let text = |path: &Path| Value::String(path.display().to_string());
        let set = vec![
            ("dev", Value::Boolean(true)),
            ("http.bind", Value::String(free(HTTP)?.to_string())),
            ("data.dir", text(&self.data)),
            ("keys.file", text(&self.beside("key"))),
            ("keys.adminKeyFile", text(&self.beside("admin"))),
        ];
        let loaded = config::load(&Flags { config: None, set });
        let mut config = loaded.map_err(|error| Misuse::error(format!("{error:#}")))?;
        if config.log.filter == Log::default().filter {
            // What goes well is on the board already.
            "warn".clone_into(&mut config.log.filter);
        }
        Ok(config)
    }

    /// The key of the admin that the first start made.
    pub(super) fn admin_key(&self) -> anyhow::Result<String> {
        let path = self.beside("admin");
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(text.trim().to_owned())
    }

    /// Removes what was made for this demo only.
    pub(super) fn close(self) {
        if let Some(home) = self.fleeting
            && let Err(error) = std::fs::remove_dir_all(&home)
        {
            out::note(&format!("{} is still there: {error}", home.display()));
        }
    }

    fn beside(&self, what: &str) -> PathBuf {
        let name = self.data.file_name().unwrap_or_default().to_string_lossy();
        self.data.with_file_name(format!("{name}.{what}"))
    }
}

/// The usual address, or a free one if something listens there.
pub(super) fn free(usual: SocketAddr) -> anyhow::Result<SocketAddr> {
    if TcpListener::bind(usual).is_ok() {
        return Ok(usual);
    }
    // The port is free again when this returns; whoever takes it first would be named when it is opened.
    let found = TcpListener::bind((usual.ip(), 0)).and_then(|listener| listener.local_addr())?;
    out::note(&format!("{usual} is taken by another program; {found} is used instead"));
    Ok(found)
}

const HTTP: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);

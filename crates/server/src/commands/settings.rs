//! Flags of a server's configuration, for `serve` and for `check`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use toml::Value;

use super::Misuse;
use crate::config::{self, Config, Flags};

/// What is set on the command line; it wins over the environment, which wins over the file.
#[derive(Debug, Default, Args)]
pub(crate) struct Settings {
    /// The configuration file (TOML); each of its keys can also be set as `CAREHOOK__SECTION__KEY`
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The data directory [default: carehook-data]
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// The address to serve HTTP on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub(super) http: Option<SocketAddr>,
    /// The file with the master key; not inside the data directory
    #[arg(long, value_name = "FILE")]
    pub(super) key_file: Option<PathBuf>,
    /// Where the first admin's API key is written on the first start
    #[arg(long, value_name = "FILE")]
    admin_key_file: Option<PathBuf>,
    /// Where the head of the audit chain is written every 10 s [default: beside the master key]
    #[arg(long, value_name = "FILE")]
    audit_anchor: Option<PathBuf>,
    /// Allow http:// and loopback destinations, and make a master key if there is none; for trying out
    #[arg(long)]
    pub(super) dev: bool,
    /// A proxy in front ends TLS: allow an address beyond loopback without TLS of our own
    #[arg(long)]
    behind_proxy: bool,
}

impl Settings {
    /// Settings of a store that no server runs on.
    pub(super) fn of_store(data: &Path, key_file: &Path, audit_anchor: Option<&Path>) -> Self {
        Settings {
            data: Some(data.to_owned()),
            key_file: Some(key_file.to_owned()),
            audit_anchor: audit_anchor.map(Path::to_owned),
            ..Settings::default()
        }
    }

    /// The configuration, or every fault of it at once.
    pub(super) fn load(&self) -> anyhow::Result<Config> {
        config::load(&self.flags()).map_err(|error| Misuse::error(format!("{error:#}")))
    }

    fn flags(&self) -> Flags {
        let path =
            |path: &Option<PathBuf>| path.as_ref().map(|path| Value::String(path.display().to_string()));
        let flag = |is_set: bool| is_set.then_some(Value::Boolean(true));
        let values = [
            ("data.dir", path(&self.data)),
            ("http.bind", self.http.map(|address| Value::String(address.to_string()))),
            ("keys.file", path(&self.key_file)),
            ("keys.adminKeyFile", path(&self.admin_key_file)),
            ("audit.anchor", path(&self.audit_anchor)),
            ("dev", flag(self.dev)),
            ("http.behindProxy", flag(self.behind_proxy)),
        ];
        let set = values.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
        Flags { config: self.config.clone(), set }
    }
}

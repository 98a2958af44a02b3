//! What can be set: one TOML file, environment variables over it, flags over both.

mod layers; // File, environment and flags, merged.
mod presets; // Third parties of the operator's own.
mod outward; // What is told to people and to collectors.
mod check; // Everything that is wrong, at once.

use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;
use model::Region;
use serde::{Deserialize, Serialize};

pub use check::Fault;
pub use layers::{Flags, load};
pub use outward::{MailSecurity, Otel, Smtp};
pub use presets::Presets;

/// The configuration of a server. Every member can be set as `CAREHOOK__SECTION__KEY`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Config {
    /// For trying out: plain `http://` and loopback destinations are allowed, and a banner says so.
    pub dev: bool,
    /// The HTTP port.
    pub http: Http,
    /// Where data lies.
    pub data: Data,
    /// The master key.
    pub keys: Keys,
    /// The audit chain.
    pub audit: Audit,
    /// Where deliveries may go.
    pub egress: Egress,
    /// How long things are kept.
    pub retention: retention::Options,
    /// Third parties of the operator's own.
    pub presets: Presets,
    /// What integrations get that do not say.
    pub defaults: Defaults,
    /// The mail server for notices; absent, nobody is told by e-mail.
    pub smtp: Option<Smtp>,
    /// The OpenTelemetry collector; absent, nothing is traced.
    pub otel: Option<Otel>,
    /// The log.
    pub log: Log,
    /// The console.
    pub ui: Ui,
}

/// The HTTP port.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Http {
    /// The address to listen on.
    pub bind: SocketAddr,
    /// Whether a proxy in front ends TLS: needed to listen beyond loopback without TLS of our own.
    pub behind_proxy: bool,
    /// TLS of our own.
    pub tls: Option<Tls>,
}

impl Default for Http {
    fn default() -> Self {
        Http { bind: SocketAddr::from(([127, 0, 0, 1], 8080)), behind_proxy: false, tls: None }
    }
}

/// TLS of our own port; the files are read again when they change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tls {
    /// The certificate chain, PEM.
    pub cert: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
    /// Authorities whose client certificates are demanded, PEM.
    pub client_ca: Option<PathBuf>,
}

/// Where data lies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Data {
    /// The data directory; one server at a time.
    pub dir: PathBuf,
}

impl Default for Data {
    fn default() -> Self {
        Data { dir: PathBuf::from("carehook-data") }
    }
}

/// The master key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Keys {
    /// The file with the master key, outside the data directory.
    pub file: Option<PathBuf>,
    /// Where the first admin's API key is written on the first start.
    pub admin_key_file: Option<PathBuf>,
}

/// The audit chain.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Audit {
    /// Where the head of the chain goes every 10 s; by default beside the master key.
    pub anchor: Option<PathBuf>,
}

/// Where deliveries may go.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Egress {
    /// Private networks that deliveries may reach.
    pub allow: Vec<IpNet>,
    /// Ports that deliveries may reach though they belong to other protocols.
    pub ports: Vec<u16>,
    /// Addresses that deliveries come from, as receivers see them; only told, not set.
    pub source_addresses: Vec<String>,
}

/// What integrations get that do not say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Defaults {
    /// The time zone; absent, HL7 v2 integrations must name their own (P6).
    pub time_zone: Option<String>,
    /// The region.
    pub region: Region,
}

impl Default for Defaults {
    fn default() -> Self {
        Defaults { time_zone: None, region: Region::Us }
    }
}

/// The console.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Ui {
    /// A folder with a built console (`ui/dist`), served instead of the one in the binary: for working on it.
    pub dir: Option<PathBuf>,
}

/// The log, on standard error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Log {
    /// What is logged: a level, or directives such as `info,delivery=debug`.
    pub filter: String,
    /// How lines look.
    pub format: LogFormat,
}

impl Default for Log {
    fn default() -> Self {
        Log { filter: "info".to_owned(), format: LogFormat::Text }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

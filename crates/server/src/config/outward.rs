//! What is told to people and to collectors, and by which server.

use std::collections::BTreeMap;
use std::path::PathBuf;

use model::{EmailAddress, Secret};
use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// The mail server for notices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Smtp {
    /// Its host; it may stand on this machine or on a private network.
    pub host: String,
    /// Its port; by default 587, with `tls = "implicit"` 465, with `tls = "none"` 25.
    pub port: Option<u16>,
    /// Who notices are from.
    pub from: EmailAddress,
    /// Who we are to it; only with TLS.
    pub user: Option<String>,
    /// The password; printed nowhere.
    #[serde(skip_serializing, default)]
    pub password: Option<Secret<String>>,
    /// The file with the password, read at the start.
    pub password_file: Option<PathBuf>,
    /// `starttls`, `implicit` or `none`.
    #[serde(default)]
    pub tls: MailSecurity,
    /// Certificates to trust instead of the machine's, PEM.
    pub ca: Option<PathBuf>,
    /// Where people open the console, for the link in a notice; by default the address of the HTTP port.
    pub console: Option<Url>,
}

/// How the conversation with a mail server is secured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailSecurity {
    /// By STARTTLS, which is demanded.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Implicit,
    /// Not at all.
    None,
}

impl Smtp {
    /// The host, as it was parsed.
    #[must_use]
    pub fn parsed_host(&self) -> Option<Host<String>> {
        Host::parse(&self.host).ok()
    }

    /// What is wrong, key by key.
    pub(super) fn faults(&self) -> Vec<(&'static str, &'static str)> {
        let has_password = self.password.is_some() || self.password_file.is_some();
        let faults = [
            (self.parsed_host().is_none(), "smtp.host", "neither a name nor an address"),
            (
                self.user.is_some() != has_password,
                "smtp.user",
                "a user and a password go together. hint: set smtp.user and smtp.passwordFile, or neither",
            ),
            (
                has_password && self.tls == MailSecurity::None,
                "smtp.tls",
                "the password would be sent in clear. hint: use starttls or implicit",
            ),
        ];
        told(faults)
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            MailSecurity::Starttls => 587,
            MailSecurity::Implicit => 465,
            MailSecurity::None => 25,
        })
    }
}

/// The OpenTelemetry collector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Otel {
    /// Where it takes traces over HTTP, such as `http://127.0.0.1:4318/v1/traces`.
    pub endpoint: Url,
    /// The share of events that are traced, between 0 and 1; by default one in a hundred.
    #[serde(default = "one_in_a_hundred")]
    pub sample: f64,
    /// Headers that it asks for; printed nowhere.
    #[serde(skip_serializing, default)]
    pub headers: BTreeMap<String, Secret<String>>,
    /// Certificates to trust instead of the machine's, PEM.
    pub ca: Option<PathBuf>,
}

impl Otel {
    /// What is wrong, key by key.
    pub(super) fn faults(&self) -> Vec<(&'static str, &'static str)> {
        let is_web = matches!(self.endpoint.scheme(), "http" | "https") && self.endpoint.has_host();
        let faults = [
            (
                !is_web,
                "otel.endpoint",
                "not an http or https address, such as http://127.0.0.1:4318/v1/traces",
            ),
            (!(0.0..=1.0).contains(&self.sample), "otel.sample", "a share is between 0 and 1"),
        ];
        told(faults)
    }
}

fn told<const N: usize>(
    faults: [(bool, &'static str, &'static str); N],
) -> Vec<(&'static str, &'static str)> {
    faults.into_iter().filter(|(holds, _, _)| *holds).map(|(_, key, what)| (key, what)).collect()
}

fn one_in_a_hundred() -> f64 {
    0.01
}

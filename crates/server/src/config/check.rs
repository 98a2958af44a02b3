//! Everything that is wrong with a configuration, at once.

use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use super::{Config, Otel, Smtp};

/// One thing that is wrong: where, what, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// `section.key`.
    pub key: &'static str,
    /// What is wrong, and what to do.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.what)
    }
}

pub(super) fn all(config: &Config) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut fault = |key, what: &str| faults.push(Fault { key, what: what.to_owned() });
    match &config.keys.file {
        None if !config.dev => fault(
            "keys.file",
            "the master key is missing. hint: make one with `carehook keygen FILE` and name it by --key-file, or try things out with --dev",
        ),
        Some(file) if lies_in(file, &config.data.dir) => fault(
            "keys.file",
            "the master key lies inside the data directory: whoever copies the data would have the key. hint: move it elsewhere",
        ),
        Some(_) | None => {}
    }
    if !config.http.bind.ip().is_loopback() && config.http.tls.is_none() && !config.http.behind_proxy {
        fault(
            "http.bind",
            "the address is reachable from outside and there is no TLS. hint: set http.tls.cert and http.tls.key, or --behind-proxy if a proxy ends TLS",
        );
    }
    if let Some(zone) = &config.defaults.time_zone
        && jiff::tz::TimeZone::get(zone).is_err()
    {
        fault("defaults.timeZone", "not an IANA time zone such as Europe/London");
    }
    let outward = config.smtp.iter().flat_map(Smtp::faults);
    outward.chain(config.otel.iter().flat_map(Otel::faults)).for_each(|(key, what)| fault(key, what));
    if let Some(dir) = &config.ui.dir
        && !dir.join("index.html").is_file()
    {
        fault(
            "ui.dir",
            "there is no index.html in it. hint: build the console with `npm run build` in ui/, or leave this out",
        );
    }
    if let Err(error) = config.presets.load() {
        fault("presets.dir", &format!("{error:#}"));
    }
    // What may still be needed: the longest default horizon and a week. Webhooks with longer
    // horizons of their own are held against the log when the server starts.
    if config.retention.bodies.0 < WEEK || config.retention.dead_letters.0 < LONGEST_HORIZON + WEEK {
        fault(
            "retention",
            "bodies are kept 7d at least, dead letters 10d: the longest default horizon and a week",
        );
    }
    if config.retention.log.0 < config.retention.dead_letters.0 {
        fault("retention.log", "the log is kept at least as long as dead letters");
    }
    faults
}

pub(super) fn list(faults: &[Fault]) -> String {
    let lines: Vec<String> = faults.iter().map(|fault| format!("  {fault}")).collect();
    format!("the configuration has {} fault(s):\n{}", faults.len(), lines.join("\n"))
}

const WEEK: Duration = model::limits::RETENTION_MARGIN;
const LONGEST_HORIZON: Duration = Duration::from_secs(3 * 86_400);

fn lies_in(file: &Path, dir: &Path) -> bool {
    absolute(file).starts_with(absolute(dir))
}

// Links are followed where the path exists; `..` is resolved where it does not.
fn absolute(path: &Path) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    let joined = std::env::current_dir().unwrap_or_default().join(path);
    joined.components().fold(PathBuf::new(), |mut whole, part| {
        if part == Component::ParentDir {
            whole.pop();
        } else {
            whole.push(part);
        }
        whole
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_sent_in_clear_and_never_printed() {
        let text = "host = 'mail.example'\nfrom = 'a@b.example'\nuser = 'u'\npassword = 'pw'\ntls = 'none'";
        let smtp: Smtp = toml::from_str(text).unwrap();
        assert_eq!(smtp.faults().iter().map(|(key, _)| *key).collect::<Vec<_>>(), ["smtp.tls"]);
        assert!(!toml::to_string(&smtp).unwrap().contains("pw") && !format!("{smtp:?}").contains("pw"));
        let alone: Smtp = toml::from_str("host = 'a b'\nfrom = 'a@b.example'\nuser = 'u'").unwrap();
        assert_eq!(
            alone.faults().iter().map(|(key, _)| *key).collect::<Vec<_>>(),
            ["smtp.host", "smtp.user"]
        );
        let otel: Otel = toml::from_str("endpoint = 'ftp://x/'\nsample = 2.0").unwrap();
        assert_eq!(otel.faults().len(), 2);
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let mut config = Config::default();
        config.http.bind = "0.0.0.0:80".parse().unwrap();
        config.defaults.time_zone = Some("Mars/Olympus".to_owned());
        let keys: Vec<&str> = all(&config).iter().map(|fault| fault.key).collect();
        assert_eq!(keys, ["keys.file", "http.bind", "defaults.timeZone"]);
    }

    #[test]
    fn a_retention_shorter_than_the_longest_horizon_and_a_week_is_refused() {
        let faults = |change: fn(&mut retention::Options)| {
            let mut config = Config { dev: true, ..Config::default() };
            change(&mut config.retention);
            all(&config).into_iter().map(|fault| fault.key).collect::<Vec<_>>()
        };
        let days = |days: u64| model::Span::secs(days * 86_400);
        assert_eq!(faults(|_| {}), [] as [&str; 0]);
        assert_eq!(faults(|retention| retention.bodies = model::Span::secs(7 * 86_400 - 1)), ["retention"]);
        assert_eq!(
            faults(|retention| retention.dead_letters = model::Span::secs(10 * 86_400 - 1)),
            ["retention"]
        );
        assert_eq!(faults(|retention| retention.log = model::Span::secs(29 * 86_400)), ["retention.log"]);
        let mut config = Config { dev: true, ..Config::default() };
        config.retention.dead_letters = days(10);
        assert_eq!(all(&config), [], "ten days are enough");
    }

    #[test]
    fn a_master_key_beside_the_data_it_opens_is_refused() {
        let mut config = Config::default();
        for (file, refused) in [("carehook-data/../carehook-data/k", true), ("carehook-data/../k", false)] {
            config.keys.file = Some(PathBuf::from(file));
            assert_eq!(!all(&config).is_empty(), refused, "{file}");
        }
    }
}

//! Alerts as an e-mail: count, severity, rule and a link, nothing else (C3).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use model::{Config, EmailAddress, Letter, Severity};
use store::Alert;

/// The letter about some alerts of one organisation.
pub(crate) fn about(to: EmailAddress, alerts: &[&Alert], config: &Config, console: &str) -> Letter {
    let worst = alerts.iter().map(|alert| alert.severity).max().unwrap_or(Severity::Info);
    let subject = format!("Carehook: {}, at worst {}", count(alerts.len()), worst.name());
    let mut rules: BTreeMap<_, usize> = BTreeMap::new();
    for alert in alerts {
        let name =
            config.alert_rules.get(&alert.rule).map_or("a rule that is gone", |rule| rule.name.as_str());
        *rules.entry((std::cmp::Reverse(alert.severity), name)).or_default() += 1;
    }
    let mut text = format!("{}.\n\n", count(alerts.len()));
    for ((severity, name), times) in rules {
        writeln!(text, "{}: {name} ({times})", severity.0.name()).expect("writing to a string does not fail");
    }
    let closing = "\nThis is a secondary notification; it is not an alarm.";
    writeln!(text, "\n{console}/monitoring/alerts\n{closing}").expect("writing to a string does not fail");
    Letter { to, subject, text }
}

fn count(alerts: usize) -> String {
    if alerts == 1 { "1 alert".to_owned() } else { format!("{alerts} alerts") }
}

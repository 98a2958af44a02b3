//! Who a rule names.

use std::collections::HashMap;

use matching::Compiled;
use model::{AlertRule, EmailAddress, Notify, OrganisationId, Timestamp};
use store::{Notice, NoticeState, Recipient};

use crate::Ports;

/// The notices that an alert of a rule begins with, each recipient once.
pub(crate) async fn notices(ports: &Ports, rule: &AlertRule, now: Timestamp) -> Vec<Notice> {
    let mut to = vec![Recipient::Subscribers];
    to.extend(rule.notify.iter().filter_map(webhook));
    let addresses: Vec<&EmailAddress> = rule.notify.iter().flat_map(addresses).collect();
    if !addresses.is_empty() {
        match ports.keyring.organisation(rule.organisation_id).await {
            Ok(keys) => to.extend(addresses.iter().map(|address| Recipient::Email(keys.recipient(address)))),
            Err(error) => tracing::error!(rule.id = %rule.id, %error, "nobody can be told of an alert"),
        }
    }
    to.sort_unstable();
    to.dedup();
    let owed = |to| Notice { to, state: NoticeState::Owed, attempts: 0, at: now, error: None };
    to.into_iter().map(owed).collect()
}

/// The people that the rules of an organisation name.
pub(crate) async fn people(
    ports: &Ports,
    compiled: &Compiled,
    organisation: OrganisationId,
) -> Result<HashMap<Recipient, EmailAddress>, privacy::Error> {
    let keys = ports.keyring.organisation(organisation).await?;
    let rules = compiled.config.alert_rules.values().filter(|rule| rule.organisation_id == organisation);
    let named = rules.flat_map(|rule| rule.notify.iter()).flat_map(addresses);
    Ok(named.map(|address| (Recipient::Email(keys.recipient(address)), address.clone())).collect())
}

fn webhook(notify: &Notify) -> Option<Recipient> {
    match notify {
        Notify::Webhook { webhook_id } => Some(Recipient::Webhook(*webhook_id)),
        Notify::Email { .. } => None,
    }
}

fn addresses(notify: &Notify) -> &[EmailAddress] {
    match notify {
        Notify::Email { to } => to,
        Notify::Webhook { .. } => &[],
    }
}

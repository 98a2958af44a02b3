//! Changing the configuration: audited, and seen by all.

use std::collections::BTreeSet;
use std::fmt::Display;

use audit::{Action, Actor, Entry};
use model::{AlertRuleId, Change, Code, Config, IntegrationId, TriggerId, WebhookId};
use serde::Serialize;
use serde_json::Value;

use crate::Api;
use crate::caller::Caller;
use crate::refused::{Refused, Result};

impl Api {
    /// Changes the configuration if `holds` still does; answers the version that the change made.
    pub(crate) async fn change(
        &self,
        holds: impl Fn(&Config) -> Result<(), Code>,
        changes: Vec<Change>,
        audit: Vec<Entry>,
    ) -> Result<u64> {
        let plan = |config: &Config| holds(config).map(|()| (changes.clone(), audit.clone()));
        self.settings.edit(plan).await.map_err(|refused| match refused {
            settings::Refused::Plan(code) => code.into(),
            settings::Refused::Failed(error) => Refused::from(error),
        })
    }

    /// What a caller does, for the audit log. Nothing personal may stand in it.
    pub(crate) fn entry(&self, caller: &Caller, action: Action, target: impl Display, detail: &str) -> Entry {
        Entry {
            at: self.clock.now(),
            organisation: Some(caller.organisation()),
            actor: Actor::Key(caller.0.key),
            action,
            target: target.to_string(),
            detail: detail.to_owned(),
        }
    }
}

/// Nothing that was looked at could have changed.
pub(crate) fn always(_: &Config) -> Result<(), Code> {
    Ok(())
}

/// The integration is there.
pub(crate) fn integration_is_there(id: IntegrationId) -> impl Fn(&Config) -> Result<(), Code> {
    move |config| config.integrations.contains_key(&id).then_some(()).ok_or(Code::NotFound)
}

/// Nobody changed the integration since it was looked at.
pub(crate) fn integration_is_at(id: IntegrationId, version: u64) -> impl Fn(&Config) -> Result<(), Code> {
    move |config| same(config.integrations.get(&id).map(|found| found.version), version)
}

/// Nobody changed the webhook since it was looked at.
pub(crate) fn webhook_is_at(id: WebhookId, version: u64) -> impl Fn(&Config) -> Result<(), Code> {
    move |config| same(config.webhooks.get(&id).map(|found| found.version), version)
}

/// Nobody changed the alert rule since it was looked at.
pub(crate) fn alert_rule_is_at(id: AlertRuleId, version: u64) -> impl Fn(&Config) -> Result<(), Code> {
    move |config| same(config.alert_rules.get(&id).map(|found| found.version), version)
}

/// Nobody changed the trigger since it was looked at.
pub(crate) fn trigger_is_at(id: TriggerId, version: u64) -> impl Fn(&Config) -> Result<(), Code> {
    move |config| same(config.triggers.get(&id).map(|found| found.version), version)
}

fn same(found: Option<u64>, version: u64) -> Result<(), Code> {
    match found {
        None => Err(Code::NotFound),
        Some(found) if found != version => Err(Code::Conflict),
        Some(_) => Ok(()),
    }
}

/// The names of the members that differ, for the audit log.
pub(crate) fn changed<T: Serialize>(before: &T, after: &T) -> String {
    let (before, after) = (members(before), members(after));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differ = names.into_iter().filter(|name| before.get(*name) != after.get(*name));
    differ.map(String::as_str).collect::<Vec<_>>().join(",")
}

fn members<T: Serialize>(doc: &T) -> serde_json::Map<String, Value> {
    match serde_json::to_value(doc) {
        Ok(Value::Object(members)) => members,
        Ok(_) | Err(_) => serde_json::Map::new(),
    }
}

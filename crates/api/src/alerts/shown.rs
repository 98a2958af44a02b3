//! An alert as it is answered.

use matching::Compiled;
use model::{AlertTarget, Timestamp};
use serde::Serialize;
use store::{Alert, Notice, NoticeState, Recipient};
use utoipa::ToSchema;

/// That a rule held of a target.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Alert)]
pub(crate) struct Shown {
    id: String,
    /// `open` or `resolved`.
    state: &'static str,
    rule_id: String,
    /// The name of the rule; null once the rule is gone.
    rule: Option<String>,
    /// What the rule watches; null once the rule is gone.
    on: Option<&'static str>,
    /// `info`, `warning` or `critical`.
    severity: &'static str,
    target: Target,
    /// The worst value so far, in the unit of the rule.
    value: f64,
    threshold: f64,
    #[schema(value_type = String)]
    since: Timestamp,
    #[schema(value_type = Option<String>)]
    resolved_at: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    acknowledged_at: Option<Timestamp>,
    /// The key of who has taken notice.
    acknowledged_by: Option<String>,
    notices: Vec<Told>,
}

/// What an alert is about.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AlertTarget)]
struct Target {
    webhook_id: Option<String>,
    integration_id: Option<String>,
    /// Its name; null once it is gone.
    name: Option<String>,
}

/// Who is told of an alert.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AlertNotice)]
struct Told {
    /// `email`, `webhook`, or `event`: the operational event for the webhooks that name its type.
    kind: &'static str,
    webhook_id: Option<String>,
    /// `owed`, `sent`, `failed` or `dropped`.
    state: NoticeStateShown,
    /// Attempts that failed.
    attempts: u16,
    /// When it was sent or given up, or when it is tried next.
    #[schema(value_type = String)]
    at: Timestamp,
    /// Why the last attempt failed.
    error: Option<String>,
}

/// The state of a notice.
#[derive(Debug, Serialize, ToSchema)]
#[schema(value_type = String)]
struct NoticeStateShown(&'static str);

impl Shown {
    /// What there is to see of an alert.
    pub(super) fn of(alert: Alert, now: &Compiled) -> Self {
        let rule = now.config.alert_rules.get(&alert.rule);
        Shown {
            id: alert.id.to_string(),
            state: if alert.resolved.is_none() { "open" } else { "resolved" },
            rule_id: alert.rule.to_string(),
            rule: rule.map(|rule| rule.name.clone()),
            on: rule.map(|rule| rule.on.name()),
            severity: alert.severity.name(),
            target: Target::of(alert.target, now),
            value: alert.value,
            threshold: alert.threshold,
            since: alert.since,
            resolved_at: alert.resolved,
            acknowledged_at: alert.acknowledged.map(|(at, _)| at),
            acknowledged_by: alert.acknowledged.map(|(_, key)| key.to_string()),
            notices: alert.notices.into_iter().map(Told::of).collect(),
        }
    }
}

impl Target {
    fn of(target: AlertTarget, now: &Compiled) -> Self {
        match target {
            AlertTarget::Webhook(id) => Target {
                webhook_id: Some(id.to_string()),
                integration_id: None,
                name: now.config.webhooks.get(&id).map(|found| found.name.clone()),
            },
            AlertTarget::Integration(id) => Target {
                webhook_id: None,
                integration_id: Some(id.to_string()),
                name: now.config.integrations.get(&id).map(|found| found.name.clone()),
            },
        }
    }
}

impl Told {
    fn of(notice: Notice) -> Self {
        let (kind, webhook_id) = match notice.to {
            Recipient::Email(_) => ("email", None),
            Recipient::Subscribers => ("event", None),
            Recipient::Webhook(id) => ("webhook", Some(id.to_string())),
        };
        let state = match notice.state {
            NoticeState::Owed => "owed",
            NoticeState::Sent => "sent",
            NoticeState::Failed => "failed",
            NoticeState::Dropped => "dropped",
        };
        Told {
            kind,
            webhook_id,
            state: NoticeStateShown(state),
            attempts: notice.attempts,
            at: notice.at,
            error: notice.error,
        }
    }
}

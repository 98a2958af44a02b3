//! An alert as an operational event of the catalogue.

use model::{AlertTarget, Audience, Config, EventType, HookState, IntegrationId, News, Signal, WebhookId};
use serde_json::json;
use store::Alert;

/// The event that an alert raises when it opens; none if its rule or target is gone.
pub(crate) fn opened(alert: &Alert, config: &Config, named: Vec<WebhookId>) -> Option<News> {
    let rule = config.alert_rules.get(&alert.rule)?;
    let (integration, webhook) = place(alert.target, config)?;
    let (name, is_told_already) = event_type(rule.on, webhook, config);
    let audience = if is_told_already { Audience::Only(named) } else { Audience::SubscribersAnd(named) };
    let mut data = json!({
        "alertRef": alert.id, "rule": rule.name, "severity": alert.severity.name(),
        "value": alert.value, "threshold": alert.threshold, "since": alert.since,
    });
    if rule.on == Signal::UndecidedTriggers {
        data["reason"] = json!("undecided_trigger");
    }
    match webhook {
        Some(webhook) => data["webhookRef"] = json!(webhook),
        None => data["integrationRef"] = json!(integration),
    }
    Some(News { event_type: EventType::from(name), integration, webhook, audience, data })
}

/// The event that an alert raises when it is over.
pub(crate) fn over(alert: &Alert, config: &Config, named: Vec<WebhookId>) -> Option<News> {
    let (integration, webhook) = place(alert.target, config)?;
    let (name, reference) = match webhook {
        Some(webhook) => ("webhook.recovered", json!({ "webhookRef": webhook, "alertRef": alert.id })),
        None => ("source.recovered", json!({ "integrationRef": integration, "alertRef": alert.id })),
    };
    let audience = Audience::SubscribersAnd(named);
    Some(News { event_type: EventType::from(name), integration, webhook, audience, data: reference })
}

fn place(target: AlertTarget, config: &Config) -> Option<(IntegrationId, Option<WebhookId>)> {
    match target {
        AlertTarget::Webhook(id) => Some((config.webhooks.get(&id)?.integration_id, Some(id))),
        AlertTarget::Integration(id) => Some((config.integrations.get(&id)?.id, None)),
    }
}

/// The type, and whether whoever did it has raised it already.
fn event_type(on: Signal, webhook: Option<WebhookId>, config: &Config) -> (&'static str, bool) {
    let state = webhook.and_then(|id| config.webhooks.get(&id)).map(|webhook| &webhook.state);
    match on {
        Signal::Latency => ("webhook.slow", false),
        Signal::SuccessRate => ("webhook.failing", false),
        Signal::BacklogAge => ("delivery.delayed", false),
        Signal::DeadLetters => ("delivery.dead_lettered", false),
        Signal::WebhookState if matches!(state, Some(HookState::Disabled { .. })) => {
            ("webhook.disabled", true)
        }
        Signal::WebhookState if matches!(state, Some(HookState::Pending { .. })) => {
            ("webhook.pending", false)
        }
        Signal::WebhookState => ("webhook.paused", false),
        Signal::CertificateExpiry if webhook.is_none() => ("source.certificate_expiring", false),
        Signal::CertificateExpiry => ("webhook.certificate_expiring", false),
        Signal::SilentSource => ("source.silent", false),
        Signal::Rejections => ("source.rejections", false),
        Signal::SignatureFailures => ("source.signature_failures", false),
        Signal::UndecidedTriggers => ("source.data_quality", false),
    }
}

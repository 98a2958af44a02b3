//! What a caller may say about an alert rule, and the rule that becomes of it.

use matching::{Catalogue, Compiled};
use model::{
    AlertRule, AlertRuleId, AlertScope, EmailAddress, Lane, Notify, OrganisationId, Pattern, Problem,
    Severity, Signal, Span, Timestamp, WebhookId, limits,
};
use serde::Deserialize;
use serde::de::IgnoredAny;
use utoipa::ToSchema;

use crate::Options;
use crate::strict::{invalid, missing};
use crate::webhooks::name;

/// The settings of an alert rule.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = AlertRuleSettings)]
pub(crate) struct Wish {
    #[serde(default, rename = "id")]
    #[schema(read_only, value_type = Option<String>)]
    _id: IgnoredAny,
    #[serde(default, rename = "createdAt")]
    #[schema(read_only, value_type = Option<String>)]
    _created_at: IgnoredAny,

    /// Its name, as people know it. Required.
    name: Option<String>,
    /// What it watches: `latency` (95th percentile of attempts, ms), `success_rate` (percent),
    /// `backlog_age` (seconds), `silent_source` (seconds), `dead_letters` (number within the window),
    /// `webhook_state` (1 when disabled, gone or not proven), `rejections`, `signature_failures` and `undecided_triggers` (number within
    /// the window) or `certificate_expiry` (days left). Required.
    #[schema(value_type = Option<String>, example = "latency")]
    on: Option<Signal>,
    /// Of whom; what is absent takes in everything of the organisation.
    #[schema(value_type = Option<ScopeWish>)]
    #[serde(default)]
    scope: AlertScope,
    /// Beyond what, in the unit of `on`. Required, but for `webhook_state`.
    threshold: Option<f64>,
    /// The span over which it is measured, 1 to 60 minutes; by default 5.
    #[schema(value_type = Option<String>, example = "5m")]
    window: Option<Span>,
    /// `info`, `warning` or `critical`; by default `warning`.
    #[schema(value_type = Option<String>)]
    severity: Option<Severity>,
    /// Who is told.
    #[serde(default)]
    notify: Vec<NotifyWish>,
    /// Whether it is looked at; by default it is.
    active: Option<bool>,
}

/// Of whom a rule speaks.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AlertScope)]
#[expect(dead_code, reason = "only described: model::AlertScope is what is read")]
pub(super) struct ScopeWish {
    webhook_id: Option<String>,
    /// An event type, a prefix with a trailing `.*`, or `*`; of `latency` and `success_rate` only.
    event_type: Option<String>,
    /// `critical`, `urgent`, `routine` or `bulk`.
    lane: Option<String>,
    /// An integration, or the webhooks that hang under it.
    integration_id: Option<String>,
}

/// Who is told.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = AlertNotify)]
pub(super) struct NotifyWish {
    /// `email` or `webhook`.
    kind: String,
    /// Addresses, of `email`.
    #[schema(value_type = Option<Vec<String>>)]
    to: Option<Vec<EmailAddress>>,
    /// The webhook, of `webhook`.
    #[schema(value_type = Option<String>)]
    webhook_id: Option<WebhookId>,
}

/// What a rule is besides its settings.
pub(super) struct Base {
    pub(super) id: AlertRuleId,
    pub(super) organisation_id: OrganisationId,
    pub(super) created_at: Timestamp,
}

impl Wish {
    /// The rule, or the member that is wrong.
    pub(super) fn accept(
        self,
        base: Base,
        (now, options): (&Compiled, &Options),
    ) -> Result<AlertRule, Problem> {
        let on = self.on.ok_or_else(|| missing("/on"))?;
        let rule = AlertRule {
            id: base.id,
            organisation_id: base.organisation_id,
            name: name(self.name)?,
            on,
            threshold: threshold(on, self.threshold)?,
            window: window(self.window)?,
            scope: self.scope,
            severity: self.severity.unwrap_or(Severity::Warning),
            notify: notify(self.notify, (base.organisation_id, now, options))?,
            active: self.active.unwrap_or(true),
            created_at: base.created_at,
        };
        scope(&rule, now)?;
        Ok(rule)
    }
}

fn threshold(on: Signal, wish: Option<f64>) -> Result<f64, Problem> {
    let most = match on {
        Signal::WebhookState => return Ok(0.0),
        Signal::SuccessRate => 100.0,
        Signal::Latency
        | Signal::BacklogAge
        | Signal::SilentSource
        | Signal::DeadLetters
        | Signal::Rejections
        | Signal::SignatureFailures
        | Signal::UndecidedTriggers
        | Signal::CertificateExpiry => MOST,
    };
    let threshold = wish.ok_or_else(|| missing("/threshold"))?;
    if (0.0..=most).contains(&threshold) {
        return Ok(threshold);
    }
    Err(invalid("/threshold", format!("A threshold of {} is between 0 and {most}.", on.name())))
}

fn window(wish: Option<Span>) -> Result<Span, Problem> {
    let window = wish.unwrap_or(Span::secs(300));
    let (least, most) = limits::ALERT_WINDOW;
    if (least..=most).contains(&window.0) {
        return Ok(window);
    }
    Err(invalid("/window", format!("A window is between {} and {}.", Span(least), Span(most))))
}

fn scope(rule: &AlertRule, now: &Compiled) -> Result<(), Problem> {
    let AlertScope { webhook_id, event_type, lane, integration_id } = &rule.scope;
    let foreign = |place: &str, what: &str| Err(invalid(place, format!("There is no such {what}.")));
    if webhook_id.is_some_and(|id| now.webhook(rule.organisation_id, id).is_none()) {
        return foreign("/scope/webhookId", "webhook");
    }
    if integration_id.is_some_and(|id| now.integration(rule.organisation_id, id).is_none()) {
        return foreign("/scope/integrationId", "integration");
    }
    if event_type.as_ref().is_some_and(|pattern| !reaches(pattern)) {
        return Err(invalid("/scope/eventType", "No event type matches it."));
    }
    let is_of_calls = matches!(rule.on, Signal::Latency | Signal::SuccessRate);
    let has_lane = is_of_calls || rule.on == Signal::BacklogAge;
    let useless = [
        ("/scope/webhookId", webhook_id.is_some() && rule.on.is_of_sources()),
        ("/scope/eventType", event_type.is_some() && !is_of_calls),
        ("/scope/lane", is_lane(*lane) && !has_lane),
    ];
    match useless.into_iter().find(|(_, is_useless)| *is_useless) {
        None => Ok(()),
        Some((place, _)) => Err(invalid(place, format!("It does not apply to {}.", rule.on.name()))),
    }
}

fn is_lane(lane: Option<Lane>) -> bool {
    lane.is_some()
}

fn reaches(pattern: &Pattern) -> bool {
    *pattern == Pattern::Any || Catalogue::embedded().reaches(pattern)
}

/// Whose webhooks may be told, as they are, and how the installation is run.
type Around<'a> = (OrganisationId, &'a Compiled, &'a Options);

fn notify(wish: Vec<NotifyWish>, around: Around<'_>) -> Result<Vec<Notify>, Problem> {
    let (entries, _) = limits::ALERT_NOTIFY;
    if wish.len() > entries {
        return Err(invalid("/notify", format!("At most {entries} entries.")));
    }
    let told = wish.into_iter().enumerate();
    told.map(|(place, entry)| entry.accept(&format!("/notify/{place}"), around)).collect()
}

impl NotifyWish {
    fn accept(self, place: &str, (organisation, now, options): Around<'_>) -> Result<Notify, Problem> {
        let (_, addresses) = limits::ALERT_NOTIFY;
        match (self.kind.as_str(), self.to, self.webhook_id) {
            ("email", _, _) if !options.mails => {
                let why = "This server has no mail server, so nobody would be told by e-mail.";
                let fix = "Add [smtp] to the server's configuration, or tell a webhook.";
                Err(invalid(format!("{place}/kind"), why).fix(fix))
            }
            ("email", Some(to), None) if (1..=addresses).contains(&to.len()) => Ok(Notify::Email { to }),
            ("email", _, None) => Err(invalid(format!("{place}/to"), format!("1 to {addresses} addresses."))),
            ("email", _, Some(_)) => {
                Err(invalid(format!("{place}/webhookId"), "It does not apply to email."))
            }
            ("webhook", None, Some(id)) if now.webhook(organisation, id).is_some() => {
                Ok(Notify::Webhook { webhook_id: id })
            }
            ("webhook", None, _) => Err(invalid(format!("{place}/webhookId"), "There is no such webhook.")),
            ("webhook", Some(_), _) => Err(invalid(format!("{place}/to"), "It does not apply to webhook.")),
            _ => Err(invalid(format!("{place}/kind"), "A notice goes by email or webhook.")),
        }
    }
}

// Ten years in milliseconds: more than any rule needs, and a float holds it exactly.
const MOST: f64 = 315_360_000_000.0;

//! The loop that tells.

use std::collections::HashMap;
use std::time::Duration;

use matching::Compiled;
use model::{AlertId, EmailAddress, NotPosted, Timestamp, WebhookId, limits};
use observe::Stop;
use store::{Alert, AlertFilter, Batch, Notice, NoticeState, Recipient};

use crate::due::{self, Due};
use crate::{Ports, letter, news, recipients};

/// Tells who is owed a notice, again and again until it is done.
pub struct Notifier {
    ports: Ports,
    /// When each person was told last.
    told: HashMap<Recipient, Timestamp>,
}

impl Notifier {
    /// A notifier that has told nobody.
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        Notifier { ports, told: HashMap::new() }
    }

    /// Tells until asked to stop.
    pub async fn run(mut self, stop: Stop) {
        if let Err(error) = self.remember().await {
            tracing::warn!(%error, "who was told last is not known");
        }
        while !stop.is_stopped() {
            if let Err(error) = self.tell().await {
                tracing::warn!(%error, "notices wait");
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = stop.stopped() => {}
            }
        }
    }

    /// Tells everybody whose time has come, once.
    ///
    /// # Errors
    /// The store cannot be read or written: somebody may be told again.
    pub async fn tell(&mut self) -> store::Result<()> {
        let now = self.ports.clock.now();
        let compiled = self.ports.settings.now();
        let mut live = self.ports.store.live_alerts().await?;
        live.retain(|alert| due::owed(alert).next().is_some());
        let mut changed = Vec::new();
        for alert in &mut live {
            let before = alert.notices.clone();
            drop_acknowledged(alert, now);
            self.raise(alert, &compiled, now).await;
            if alert.notices != before {
                changed.push((alert.id, alert.notices.clone()));
            }
        }
        self.keep(changed).await?;
        self.told.retain(|_, last| now.since(*last) < limits::NOTICE_GAP);
        for due in due::letters(&live, &self.told, now) {
            let outcome = self.write(&due, &live, &compiled).await;
            let is_down = outcome.as_ref().is_err_and(|error| error.is_transient);
            self.mark(&due, &mut live, outcome).await?;
            if is_down {
                // Whoever is next is tried at the next look; a server that is down is not asked for each.
                break;
            }
        }
        Ok(())
    }

    /// After a start: who was told of the latest alerts, and when.
    async fn remember(&mut self) -> store::Result<()> {
        let page = self.ports.store.list_alerts(AlertFilter::default(), None, limits::PAGE.1).await?;
        let sent = page.rows.iter().flat_map(|alert| &alert.notices);
        for notice in sent.filter(|notice| notice.state == NoticeState::Sent) {
            let last = self.told.entry(notice.to).or_insert(notice.at);
            *last = notice.at.max(*last);
        }
        Ok(())
    }

    /// Raises the operational event of an alert, if that is owed.
    async fn raise(&self, alert: &mut Alert, compiled: &Compiled, now: Timestamp) {
        let is_due = |notice: &&Notice| is_event(notice.to) && notice.at <= now;
        if !due::owed(alert).any(|notice| is_due(&notice)) {
            return;
        }
        let named: Vec<WebhookId> = due::owed(alert).filter_map(webhook).collect();
        let count = named.len();
        let Some(news) = news::opened(alert, &compiled.config, named) else {
            settle(alert, is_event, |notice| notice.state = NoticeState::Dropped);
            return;
        };
        let raised = self.ports.announce.announce(news).await;
        (0..count).for_each(|_| self.ports.metrics.alerts().noticed("webhook", raised.is_ok()));
        match raised {
            Ok(()) => settle(alert, is_event, |notice| sent(notice, now)),
            Err(problem) => settle(alert, is_event, |notice| failed(notice, problem.code.name(), now)),
        }
    }

    async fn write(&self, due: &Due, live: &[Alert], compiled: &Compiled) -> Result<(), NotPosted> {
        let Some(to) = self.address(due, compiled).await? else { return Err(GONE) };
        let Some(post) = &self.ports.post else { return Err(NO_SERVER) };
        let alerts: Vec<&Alert> = live.iter().filter(|alert| due.alerts.contains(&alert.id)).collect();
        post.post(&letter::about(to, &alerts, &compiled.config, &self.ports.console)).await
    }

    /// The address of a person, as long as a rule names it.
    async fn address(&self, due: &Due, compiled: &Compiled) -> Result<Option<EmailAddress>, NotPosted> {
        let people = recipients::people(&self.ports, compiled, due.organisation).await.map_err(|error| {
            tracing::error!(%error, "the recipients of notices are not known");
            NotPosted { code: "internal", is_transient: true }
        })?;
        Ok(people.get(&due.to).cloned())
    }

    /// Keeps what became of a letter, in every alert that it told of.
    async fn mark(
        &mut self,
        due: &Due,
        live: &mut [Alert],
        outcome: Result<(), NotPosted>,
    ) -> store::Result<()> {
        let now = self.ports.clock.now();
        if outcome != Err(GONE) {
            self.ports.metrics.alerts().noticed("email", outcome.is_ok());
        }
        let mark = |notice: &mut Notice| match &outcome {
            Ok(()) => sent(notice, now),
            Err(error) if *error == GONE => notice.state = NoticeState::Dropped,
            Err(error) => {
                failed(notice, error.code, now);
                if !error.is_transient {
                    notice.state = NoticeState::Failed;
                }
            }
        };
        if outcome.is_ok() {
            self.told.insert(due.to, now);
        }
        if let Err(error) = &outcome {
            tracing::warn!(code = error.code, alerts = due.alerts.len(), "a notice by e-mail was not sent");
        }
        let mut changed = Vec::new();
        for alert in live.iter_mut().filter(|alert| due.alerts.contains(&alert.id)) {
            settle(alert, |to| to == due.to, mark);
            changed.push((alert.id, alert.notices.clone()));
        }
        self.keep(changed).await
    }

    async fn keep(&self, notices: Vec<(AlertId, Vec<Notice>)>) -> store::Result<()> {
        if notices.is_empty() {
            return Ok(());
        }
        self.ports.store.commit(Batch { notices, ..Batch::default() }).await.map(drop)
    }
}

/// Somebody has taken notice: no letter is needed any more.
fn drop_acknowledged(alert: &mut Alert, now: Timestamp) {
    if alert.acknowledged.is_some() {
        settle(
            alert,
            |to| !is_event(to),
            |notice| {
                notice.state = NoticeState::Dropped;
                notice.at = now;
            },
        );
    }
}

/// Changes the notices to `to` that are still owed.
fn settle(alert: &mut Alert, to: impl Fn(Recipient) -> bool, change: impl Fn(&mut Notice)) {
    let owed = alert.notices.iter_mut().filter(|notice| notice.state == NoticeState::Owed && to(notice.to));
    owed.for_each(change);
}

fn sent(notice: &mut Notice, now: Timestamp) {
    notice.state = NoticeState::Sent;
    notice.at = now;
    notice.error = None;
}

fn failed(notice: &mut Notice, code: &str, now: Timestamp) {
    notice.attempts = notice.attempts.saturating_add(1);
    notice.error = Some(code.to_owned());
    notice.at = due::again(notice.attempts, now);
    if notice.attempts >= limits::NOTICE_ATTEMPTS {
        notice.state = NoticeState::Failed;
    }
}

fn is_event(to: Recipient) -> bool {
    match to {
        Recipient::Subscribers | Recipient::Webhook(_) => true,
        Recipient::Email(_) => false,
    }
}

fn webhook(notice: &Notice) -> Option<WebhookId> {
    match notice.to {
        Recipient::Webhook(id) => Some(id),
        Recipient::Email(_) | Recipient::Subscribers => None,
    }
}

/// No rule names the person any more.
const GONE: NotPosted = NotPosted { code: "recipient_gone", is_transient: false };
/// No mail server is configured.
const NO_SERVER: NotPosted = NotPosted { code: "smtp_not_configured", is_transient: false };
const LOOK: Duration = Duration::from_secs(2);

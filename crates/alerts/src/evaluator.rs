//! The loop that looks.

use std::collections::HashMap;

use matching::Compiled;
use model::{AlertId, Timestamp, limits};
use observe::Stop;
use store::{Alert, Batch, Recipient};
use tokio::time::MissedTickBehavior;

use crate::round::{self, Change, Seen};
use crate::world::Gatherer;
use crate::{Ports, news};

/// Looks at every rule every few seconds.
pub struct Evaluator {
    ports: Ports,
    gatherer: Gatherer,
    seen: Seen,
    version: Option<u64>,
}

impl Evaluator {
    /// An evaluator that has not looked yet.
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        Evaluator { gatherer: Gatherer::default(), seen: Seen::default(), version: None, ports }
    }

    /// Looks until asked to stop.
    pub async fn run(mut self, stop: Stop) {
        self.watch();
        let mut changes = self.ports.settings.watch();
        let mut looks = tokio::time::interval(limits::ALERT_LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = looks.tick() => {
                    if let Err(error) = self.look().await {
                        tracing::warn!(%error, "alert rules cannot be looked at");
                    }
                }
                // What flows is counted for the rules of now, not of the last look.
                Ok(()) = changes.changed() => self.watch(),
                () = stop.stopped() => return,
            }
        }
    }

    /// Looks once: opens, keeps and ends alerts.
    ///
    /// # Errors
    /// The store cannot be read or written; nothing was changed.
    pub async fn look(&mut self) -> store::Result<()> {
        self.watch();
        let now = self.ports.clock.now();
        let compiled = self.ports.settings.now();
        let live = self.ports.store.live_alerts().await?;
        let world = self.gatherer.gather(&self.ports, &compiled).await?;
        let recent = self.ports.metrics.recent();
        recent.sweep(now);
        let open: HashMap<_, _> = live
            .iter()
            .filter(|alert| alert.resolved.is_none())
            .map(|alert| ((alert.rule, alert.target), alert))
            .collect();
        let changes = round::decide(&compiled.config, (recent, &world), (&open, &mut self.seen), now);
        let alerts = self.alerts(changes, &compiled, now).await?;
        self.count(&live, &alerts);
        if alerts.is_empty() {
            return Ok(());
        }
        self.ports.store.commit(Batch { alerts, ..Batch::default() }).await.map(drop)
    }

    /// Counts for the rules of now.
    fn watch(&mut self) {
        let compiled = self.ports.settings.now();
        if self.version != Some(compiled.config.version) {
            self.version = Some(compiled.config.version);
            self.ports.metrics.recent().watch(compiled.config.alert_rules.values());
        }
    }

    async fn alerts(
        &mut self,
        changes: Vec<Change>,
        compiled: &Compiled,
        now: Timestamp,
    ) -> store::Result<Vec<Alert>> {
        let mut alerts = Vec::with_capacity(changes.len());
        for change in changes {
            match change {
                Change::Moved(alert) => alerts.extend(self.moved(alert, compiled).await),
                Change::Fired { rule, target, value } => {
                    let id: AlertId = self.ports.ids.next(now);
                    self.seen.note(id, now);
                    self.ports.metrics.alerts().fired(rule.on, rule.severity);
                    tracing::warn!(
                        alert.id = %id, rule.id = %rule.id, on = rule.on.name(), %target, value,
                        "an alert opens"
                    );
                    let notices = crate::recipients::notices(&self.ports, &rule, now).await;
                    alerts.push(Alert {
                        id,
                        organisation: rule.organisation_id,
                        rule: rule.id,
                        target,
                        severity: rule.severity,
                        value,
                        threshold: rule.threshold,
                        since: now,
                        resolved: None,
                        acknowledged: None,
                        notices,
                    });
                }
            }
        }
        Ok(alerts)
    }

    /// An alert that is over raises its event first: it stays open until somebody can be told.
    async fn moved(&self, alert: Alert, compiled: &Compiled) -> Option<Alert> {
        if alert.resolved.is_none() {
            return Some(alert);
        }
        let named = alert.notices.iter().filter_map(|notice| match notice.to {
            Recipient::Webhook(id) => Some(id),
            Recipient::Email(_) | Recipient::Subscribers => None,
        });
        let news = news::over(&alert, &compiled.config, named.collect());
        if let Some(news) = news
            && let Err(problem) = self.ports.announce.announce(news).await
        {
            tracing::warn!(alert.id = %alert.id, code = problem.code.name(), "an alert waits to be over");
            return None;
        }
        tracing::info!(alert.id = %alert.id, "an alert is over");
        Some(alert)
    }

    fn count(&self, live: &[Alert], changed: &[Alert]) {
        let config = &self.ports.settings.now().config;
        let now_open = |alert: &&Alert| {
            let latest = changed.iter().find(|changed| changed.id == alert.id).unwrap_or(alert);
            latest.resolved.is_none()
        };
        let fresh = changed.iter().filter(|alert| live.iter().all(|known| known.id != alert.id));
        let open = live.iter().chain(fresh).filter(now_open);
        let known = open.filter_map(|alert| Some((config.alert_rules.get(&alert.rule)?.on, alert.severity)));
        self.ports.metrics.alerts().open(known);
    }
}

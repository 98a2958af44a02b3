//! Alerts, and how long things have been owed.

use std::collections::BTreeMap;

use model::{AlertId, KeyId, Lane, Timestamp, WebhookId};

use super::state::State;
use crate::{Alert, AlertFilter, Notice, Oldest};

impl State {
    /// Makes an alert or moves it on; who acknowledged it and who was told stays.
    pub(super) fn put_alert(&mut self, new: Alert) {
        self.use_row(new.id);
        let new = match self.alerts.get(&new.id).cloned() {
            Some(Alert { acknowledged, notices, .. }) => Alert { acknowledged, notices, ..new },
            None => new,
        };
        self.alerts.insert(new.id, new);
    }

    /// Replaces who was told of an alert.
    pub(super) fn put_notices(&mut self, id: AlertId, notices: Vec<Notice>) {
        if let Some(alert) = self.alerts.get_mut(&id) {
            alert.notices = notices;
        }
    }

    /// Remembers who took notice first.
    pub(super) fn acknowledge(&mut self, id: AlertId, by: (Timestamp, KeyId)) {
        if let Some(alert) = self.alerts.get_mut(&id) {
            alert.acknowledged.get_or_insert(by);
        }
    }

    /// The oldest of what is owed, by webhook and lane.
    pub(super) fn oldest_owed(&self) -> Vec<Oldest> {
        let mut found: BTreeMap<(WebhookId, usize), Oldest> = BTreeMap::new();
        for row in self.deliveries().filter(|row| row.is_owed() && !row.test) {
            let since = row.revived.unwrap_or(row.accepted);
            let (webhook, lane): (_, Lane) = (row.webhook, row.lane);
            let oldest =
                found.entry((webhook, lane.index())).or_insert(Oldest { webhook, lane, since, count: 0 });
            oldest.since = oldest.since.min(since);
            oldest.count += 1;
        }
        found.into_values().collect()
    }
}

impl AlertFilter {
    pub(super) fn takes(&self, alert: &Alert) -> bool {
        self.organisation.is_none_or(|wanted| wanted == alert.organisation)
            && self.is_open.is_none_or(|wanted| wanted == alert.resolved.is_none())
            && self.rule.is_none_or(|wanted| wanted == alert.rule)
            && self.target.is_none_or(|wanted| wanted == alert.target)
            && self.from.is_none_or(|from| alert.since >= from)
            && self.to.is_none_or(|to| alert.since < to)
    }
}

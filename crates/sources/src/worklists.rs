//! What no table takes up outlives a restart: read at the start, written about once a second.

use std::collections::HashMap;
use std::sync::Arc;

use model::{IntegrationId, Timestamp, limits};
use observe::Stop;
use observe::worklist::{Seen, Worklist};
use store::{Batch, LeftOut, Leftover};

use crate::intake::Intake;

impl Intake {
    /// Keeps the worklists, until the server stops. A crash loses the counts of about a second.
    pub async fn keep_worklists(self: Arc<Self>, stop: Stop) {
        let mut is_restored = false;
        while !stop.is_stopped() {
            if !is_restored {
                is_restored = self.restore_worklists().await;
            }
            tokio::select! {
                () = tokio::time::sleep(limits::WORKLIST_KEPT) => {}
                () = stop.stopped() => {}
            }
            self.write_worklists().await;
        }
    }

    /// Adds what was written before; says whether it could be read.
    async fn restore_worklists(&self) -> bool {
        let compiled = self.ports.settings.now();
        let worklists = self.ports.metrics.worklists();
        let _turn = worklists.turn().await;
        let mut read = Vec::new();
        for integration in compiled.config.integrations.keys() {
            match self.ports.store.leftovers(*integration).await {
                Ok(leftovers) => read.push((*integration, list(leftovers))),
                Err(error) => {
                    tracing::warn!(%error, "worklists could not be read");
                    return false;
                }
            }
        }
        read.into_iter().for_each(|(integration, written)| worklists.restore(integration, written));
        true
    }

    async fn write_worklists(&self) {
        let worklists = self.ports.metrics.worklists();
        let _turn = worklists.turn().await;
        let news = worklists.take_news();
        if news.is_empty() {
            return;
        }
        let leftovers = leftovers(&news, self.ports.clock.now());
        if let Err(error) = self.ports.store.commit(Batch { leftovers, ..Batch::default() }).await {
            tracing::warn!(%error, "worklists could not be written");
            worklists.put_back(news);
        }
    }
}

fn leftovers(news: &HashMap<IntegrationId, Worklist>, now: Timestamp) -> Vec<Leftover> {
    let mut all = Vec::new();
    for (integration, list) in news {
        let left = |what, Seen { count, first, last }| Leftover {
            integration: *integration,
            what,
            count,
            first,
            last,
        };
        let at_once = |count| Seen { count, first: now, last: now };
        all.extend(list.codes.iter().map(|(code, seen)| left(LeftOut::Code(code.clone()), *seen)));
        let places = list.places.iter();
        all.extend(places.map(|(place, count)| left(LeftOut::Place(place.clone()), at_once(*count))));
        all.extend((list.dropped > 0).then(|| left(LeftOut::Dropped, at_once(list.dropped))));
    }
    all
}

fn list(leftovers: Vec<Leftover>) -> Worklist {
    let since = leftovers.iter().map(|left| left.first).min();
    let mut list = Worklist { since, ..Worklist::default() };
    for Leftover { what, count, first, last, .. } in leftovers {
        match what {
            LeftOut::Code(code) => drop(list.codes.insert(code, Seen { count, first, last })),
            LeftOut::Place(place) => drop(list.places.insert(place, count)),
            LeftOut::Dropped => list.dropped = count,
        }
    }
    list
}

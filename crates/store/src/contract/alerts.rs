//! When somebody should look.

use std::sync::Arc;
use std::time::Duration;

use model::{AlertTarget, KeyId, Severity, Timestamp};

use super::World;
use crate::{Alert, AlertFilter, Batch, Expiry, Notice, NoticeState, Recipient, Store};

pub(super) async fn tell(open: &impl AsyncFn() -> Arc<dyn Store>) {
    an_alert_is_written_moved_on_and_found(World::on(open().await)).await;
    who_acknowledged_first_stays(World::on(open().await)).await;
    only_what_is_over_is_forgotten(World::on(open().await)).await;
    the_oldest_that_is_owed_is_known_by_webhook_and_lane(World::on(open().await)).await;
}

impl World {
    fn alert(&self) -> Alert {
        Alert {
            id: self.id(),
            organisation: self.organisation,
            rule: self.id(),
            target: AlertTarget::Webhook(self.webhook),
            severity: Severity::Warning,
            value: 900.5,
            threshold: 800.0,
            since: World::NOW,
            resolved: None,
            acknowledged: None,
            notices: vec![notice(Recipient::Email([7; 16])), notice(Recipient::Webhook(self.webhook))],
        }
    }

    async fn put(&self, alerts: Vec<Alert>) {
        self.commit(Batch { alerts, ..Batch::default() }).await;
    }

    async fn alerts(&self, filter: AlertFilter) -> Vec<Alert> {
        self.store.list_alerts(filter, None, 10).await.expect("read").rows
    }

    async fn live(&self) -> Vec<Alert> {
        self.store.live_alerts().await.expect("read")
    }
}

fn notice(to: Recipient) -> Notice {
    Notice { to, state: NoticeState::Owed, attempts: 0, at: World::NOW, error: None }
}

async fn an_alert_is_written_moved_on_and_found(world: World) {
    let (first, second) = (world.alert(), world.alert());
    let source = Alert { target: AlertTarget::Integration(world.integration), ..world.alert() };
    world.put(vec![first.clone(), second.clone(), source.clone()]).await;
    assert_eq!(world.live().await, [first.clone(), second.clone(), source.clone()], "the oldest first");
    let page = world.store.list_alerts(AlertFilter::default(), None, 2).await.expect("read");
    assert_eq!(page.rows, [source.clone(), second.clone()], "the newest first");
    let rest = world.store.list_alerts(AlertFilter::default(), page.next, 2).await.expect("read");
    assert_eq!((rest.rows, rest.next), (vec![first.clone()], None));

    let mut over = Alert { resolved: Some(World::NOW), value: 1_200.0, ..second.clone() };
    world.put(vec![over.clone()]).await;
    assert_eq!(world.store.find_alert(second.id).await.expect("read"), Some(over.clone()));
    assert_eq!(world.live().await.len(), 3, "somebody is still to be told");
    over.notices.iter_mut().for_each(|notice| notice.state = NoticeState::Sent);
    over.notices[0].error = Some("refused".to_owned());
    let notices = vec![(over.id, over.notices.clone())];
    world.commit(Batch { notices, ..Batch::default() }).await;
    world.put(vec![second.clone(), Alert { notices: Vec::new(), ..over.clone() }]).await;
    assert_eq!(world.live().await, [first.clone(), source.clone()]);

    let by = |filter: AlertFilter| world.alerts(filter);
    assert_eq!(by(AlertFilter { is_open: Some(false), ..AlertFilter::default() }).await, [over]);
    assert_eq!(by(AlertFilter { rule: Some(first.rule), ..AlertFilter::default() }).await, [first]);
    assert_eq!(by(AlertFilter { target: Some(source.target), ..AlertFilter::default() }).await, [source]);
    let nobody = AlertFilter { organisation: Some(world.id()), ..AlertFilter::default() };
    assert!(by(nobody).await.is_empty());
    let later = Some(World::NOW + Duration::from_secs(1));
    assert!(by(AlertFilter { from: later, ..AlertFilter::default() }).await.is_empty());
    assert_eq!(by(AlertFilter { to: later, ..AlertFilter::default() }).await.len(), 3);
}

async fn who_acknowledged_first_stays(world: World) {
    let alert = world.alert();
    world.put(vec![alert.clone()]).await;
    let (one, other): (KeyId, KeyId) = (world.id(), world.id());
    for key in [one, other] {
        let acknowledged = vec![(alert.id, World::NOW, key)];
        world.commit(Batch { acknowledged, ..Batch::default() }).await;
    }
    // The evaluator writes what it knows, and that is older.
    world.put(vec![alert.clone()]).await;
    let found = world.store.find_alert(alert.id).await.expect("read").expect("it is there");
    assert_eq!(found.acknowledged, Some((World::NOW, one)));
}

async fn only_what_is_over_is_forgotten(world: World) {
    let open = world.alert();
    let over = Alert { resolved: Some(World::NOW), notices: Vec::new(), ..world.alert() };
    world.put(vec![open.clone(), over.clone()]).await;
    let never = Timestamp::from_millis(0);
    let log = World::NOW + Duration::from_secs(100 * 86_400);
    let horizon = Expiry { bodies: never, dead_letters: never, log, audit: never, answers: never };
    world.store.expire(horizon, 100).await.expect("expired");
    assert_eq!(world.alerts(AlertFilter::default()).await, [open]);
}

async fn the_oldest_that_is_owed_is_known_by_webhook_and_lane(world: World) {
    assert_eq!(world.store.oldest_owed().await.expect("read"), []);
    world.owe(None).await;
    world.owe(None).await;
    let mut test = world.arrival(vec![world.delivery(None)]);
    test.events[0].0.event.test = true;
    world.arrive(test).await;
    let owed = world.store.oldest_owed().await.expect("read");
    assert_eq!(owed.len(), 1);
    assert_eq!(
        (owed[0].webhook, owed[0].since, owed[0].count),
        (world.webhook, World::NOW, 2),
        "tests do not count"
    );
    let claims = world.claim(1).await;
    world.settle(&claims[0], crate::End::DeadLettered).await;
    assert_eq!(world.store.oldest_owed().await.expect("read")[0].count, 1, "a dead letter is owed no more");
}

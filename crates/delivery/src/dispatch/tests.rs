//! Stories of one dispatcher; `leaving` has those of deliveries that leave out of turn, `bounds` those of how much goes at once.

mod leaving;
mod bounds;

use super::*;
use model::{Id, Ids, IntegrationId, OrganisationId};
use std::time::Duration;

/// One webhook and the world around its dispatch.
struct Desk {
    dispatch: Dispatch,
    under_way: HashMap<DeliveryId, Start>,
    ids: Ids,
    start: Instant,
    now: Now,
}

impl Desk {
    fn with(webhooks: &[(u8, &str)]) -> Self {
        let start = Instant::now();
        let now = Now { at: start, wall: Timestamp::from_millis(1_000_000) };
        let mut desk = Desk {
            dispatch: Dispatch::default(),
            under_way: HashMap::new(),
            ids: Ids::new(1, 0),
            start,
            now,
        };
        let configured = webhooks.iter().map(|(number, doc)| {
            let hook = webhook(*number, doc);
            (hook.id, Arc::new(Versioned { version: 1, doc: hook }))
        });
        desk.dispatch.configure(&configured.collect(), now);
        desk
    }

    /// With so much in memory that routine deliveries are buffered.
    fn busy() -> Self {
        let hooks: Vec<(u8, &str)> = (1..=59).map(|number| (number, "{}")).collect();
        let mut desk = Desk::with(&hooks);
        for number in 1..=59 {
            for _ in 0..limits::READY_PER_LANE {
                desk.push(number, Lane::Routine, None);
            }
        }
        desk
    }

    fn claim(&self, webhook: u8, lane: Lane, order: Option<u8>) -> Claim {
        Claim {
            delivery: self.ids.next(self.now.wall),
            event: self.ids.next(self.now.wall),
            webhook: id(webhook),
            lane,
            order: order.map(|key| OrderKey([key; 16])),
            accepted: self.now.wall,
            attempts: 0,
            rendered: false,
            test: false,
            epoch: 1,
        }
    }

    fn push(&mut self, webhook: u8, lane: Lane, order: Option<u8>) -> Claim {
        let claim = self.claim(webhook, lane, order);
        assert!(self.dispatch.push(vec![claim.clone()], self.now).is_empty());
        claim
    }

    fn pick(&mut self) -> Option<Claim> {
        let start = self.dispatch.pick(self.now)?;
        let claim = start.claim.clone();
        self.under_way.insert(claim.delivery, start);
        Some(claim)
    }

    fn pass(&mut self, span: Duration) {
        self.now = Now { at: self.now.at + span, wall: self.now.wall + span };
        self.dispatch.run_timers(self.now);
    }

    fn fail(&mut self, claim: &Claim, due: Duration) -> Kept {
        let heard = Heard { success: false, busy: false, retry_after: None };
        self.dispatch.note(claim.webhook, &heard, self.now);
        let start = self.under_way.remove(&claim.delivery).unwrap();
        self.dispatch.finish(&start, Next::RetryAt(self.now.wall + due), self.now)
    }

    fn succeed(&mut self, claim: &Claim) {
        let heard = Heard { success: true, busy: false, retry_after: None };
        self.dispatch.note(claim.webhook, &heard, self.now);
        let start = self.under_way.remove(&claim.delivery).unwrap();
        self.dispatch.finish(&start, Next::Done, self.now);
    }
}

fn id(number: u8) -> WebhookId {
    WebhookId::from_row(i64::from(number), 1)
}

fn webhook(number: u8, changes: &str) -> Webhook {
    let mut doc = serde_json::json!({
        "id": id(number), "integrationId": IntegrationId::from_row(1, 1),
        "organisationId": OrganisationId::from_row(1, 1), "name": "Portal", "url": "https://portal.example/",
        "sources": "own", "eventTypes": ["*"], "objectTypes": [], "objectIds": [], "format": "native",
        "profile": "reference", "justification": null, "purpose": "TREAT", "recipientClass": "provider",
        "lane": null, "ordering": "none", "acceptTest": false, "auth": {"kind": "none"},
        "tls": {"minVersion": "1.2"}, "signing": {"keys": []}, "retry": null, "timeout": null,
        "rateLimit": null, "maxInFlight": 2, "state": {"kind": "active"}, "createdAt": "2026-01-01T00:00:00Z"
    });
    let changes: serde_json::Map<String, serde_json::Value> = serde_json::from_str(changes).unwrap();
    doc.as_object_mut().unwrap().extend(changes);
    serde_json::from_value(doc).unwrap()
}

#[test]
fn the_critical_delivery_is_the_next_one_sent_whatever_waits_before_it() {
    let mut desk = Desk::with(&[(1, r#"{"maxInFlight":1}"#)]);
    for _ in 0..500 {
        desk.push(1, Lane::Routine, None);
    }
    let first = desk.pick().unwrap();
    let critical = desk.push(1, Lane::Critical, None);
    assert_eq!(desk.pick(), None);
    desk.succeed(&first);
    assert_eq!(desk.pick(), Some(critical));
}

#[test]
fn destinations_of_a_lane_take_turns_and_a_stalled_one_holds_only_its_cap() {
    let mut desk = Desk::with(&[(1, "{}"), (2, "{}")]);
    for _ in 0..10 {
        desk.push(1, Lane::Urgent, None);
    }
    for _ in 0..2 {
        desk.push(2, Lane::Urgent, None);
    }
    let order: Vec<WebhookId> = std::iter::from_fn(|| desk.pick()).map(|claim| claim.webhook).collect();
    assert_eq!(order, [id(1), id(2), id(1), id(2)]);
}

#[test]
fn a_failing_head_holds_back_its_own_key_and_no_other() {
    let mut desk = Desk::with(&[(1, r#"{"ordering":"subject","maxInFlight":8}"#)]);
    let head = desk.push(1, Lane::Urgent, Some(1));
    let second = desk.push(1, Lane::Urgent, Some(1));
    let other = desk.push(1, Lane::Urgent, Some(2));
    let critical = desk.push(1, Lane::Critical, Some(1));
    assert_eq!(desk.pick(), Some(critical), "a critical delivery never waits for a lower lane");
    assert_eq!(desk.pick(), Some(head.clone()));
    assert_eq!(desk.pick(), Some(other));
    assert_eq!(desk.pick(), None);
    assert_eq!(desk.fail(&head, Duration::from_secs(5)), Kept::InMemory);
    assert_eq!(desk.pick(), None);
    desk.pass(Duration::from_secs(5));
    let again = desk.pick().unwrap();
    assert_eq!((again.delivery, again.attempts), (head.delivery, 1));
    desk.succeed(&again);
    assert_eq!(desk.pick(), Some(second));
}

#[test]
fn what_comes_behind_a_head_that_waits_on_disk_is_held_until_the_store_releases_it() {
    let mut desk = Desk::with(&[(1, r#"{"ordering":"object"}"#)]);
    let order = OrderKey([1; 16]);
    let head = desk.push(1, Lane::Routine, Some(1));
    assert_eq!(desk.pick(), Some(head.clone()));
    assert_eq!(desk.fail(&head, Duration::from_secs(300)), Kept::OnDisk);
    assert_eq!(desk.dispatch.place(id(1), Lane::Routine, Some(order)), Place::Behind);
    assert_eq!(desk.dispatch.place(id(1), Lane::Urgent, Some(order)), Place::Memory);
    let back = Claim { attempts: 1, ..head };
    desk.dispatch.push(vec![back.clone()], desk.now);
    assert_eq!(desk.pick(), Some(back.clone()));
    desk.succeed(&back);
    assert_eq!(desk.dispatch.place(id(1), Lane::Routine, Some(order)), Place::Behind);
    desk.dispatch.released(&[BlockedKey { webhook: id(1), lane: Lane::Routine, order }]);
    assert_eq!(desk.dispatch.place(id(1), Lane::Routine, Some(order)), Place::Memory);
}

#[test]
fn what_is_on_disk_goes_before_what_is_new() {
    let mut desk = Desk::with(&[(1, "{}")]);
    let backlog = Backlog { webhook: id(1), lane: Lane::Routine, count: 3 };
    desk.dispatch.spilled(&[backlog], desk.now);
    assert_eq!(desk.dispatch.place(id(1), Lane::Routine, None), Place::Disk);
    assert_eq!(desk.dispatch.place(id(1), Lane::Urgent, None), Place::Memory);
    let ask = desk.dispatch.next_claim(desk.now).unwrap();
    assert_eq!((ask.webhook, ask.lane), (id(1), Lane::Routine));
    assert!(desk.dispatch.next_claim(desk.now).is_none(), "one claim of a queue at a time");
    desk.dispatch.claimed(ask, 3);
    assert_eq!(desk.dispatch.place(id(1), Lane::Routine, None), Place::Memory);
}

#[test]
fn a_tripped_destination_is_probed_and_starts_slowly_once_it_is_back() {
    let mut desk = Desk::with(&[(1, r#"{"maxInFlight":16}"#)]);
    for _ in 0..40 {
        desk.push(1, Lane::Routine, None);
    }
    let under_way: Vec<Claim> = std::iter::from_fn(|| desk.pick()).collect();
    assert_eq!(under_way.len(), 15, "one of the sixteen slots is the critical lane's");
    for claim in &under_way {
        desk.fail(claim, Duration::from_secs(3_600));
    }
    assert_eq!(desk.dispatch.breaker(id(1)), "tripped");
    assert_eq!(desk.pick(), None);
    desk.pass(limits::PROBE);
    let probe = desk.pick().unwrap();
    assert_eq!(desk.pick(), None, "one probe at a time");
    desk.succeed(&probe);
    assert_eq!(desk.dispatch.breaker(id(1)), "flowing");
    let first = desk.pick().unwrap();
    assert_eq!(desk.pick(), None, "one at first");
    desk.succeed(&first);
    assert!(desk.pick().is_some() && desk.pick().is_some() && desk.pick().is_none(), "then two");
}

#[test]
fn a_receiver_that_asks_for_time_gets_it_and_a_critical_delivery_waits_a_minute_at_most() {
    let mut desk = Desk::with(&[(1, "{}")]);
    let hour = Duration::from_secs(3_600);
    desk.dispatch.note(id(1), &Heard { success: false, busy: true, retry_after: Some(hour) }, desk.now);
    desk.push(1, Lane::Urgent, None);
    let critical = desk.push(1, Lane::Critical, None);
    assert_eq!(desk.pick(), None);
    let minute = desk.now.at + Duration::from_secs(60);
    assert_eq!(desk.dispatch.next_timer(), Some(minute), "an alarm is set, even for what was just picked");
    desk.pass(Duration::from_secs(60));
    assert_eq!(desk.pick(), Some(critical));
    assert_eq!(desk.pick(), None);
    desk.pass(hour);
    assert!(desk.pick().is_some());
    assert!(desk.now.at > desk.start);
}

#[test]
fn routine_deliveries_are_buffered_above_a_mark_drained_below_another_and_never_for_long() {
    let mut desk = Desk::busy();
    assert!(desk.dispatch.load().0 > limits::HIGH_WATER);
    assert_eq!(desk.dispatch.place(id(1), Lane::Bulk, None), Place::Disk);
    assert_eq!(
        desk.dispatch.place(id(1), Lane::Urgent, None),
        Place::Memory,
        "what is urgent is not buffered"
    );
    let backlog = Backlog { webhook: id(1), lane: Lane::Bulk, count: 1 };
    desk.dispatch.spilled(&[backlog], desk.now);
    assert!(desk.dispatch.next_claim(desk.now).is_none(), "while the node is busy");
    let drained: Vec<WebhookId> = (30..=59).map(id).collect();
    desk.dispatch.take(&drained, |_| true);
    assert!(desk.dispatch.load().0 < limits::LOW_WATER);
    let ask = desk.dispatch.next_claim(desk.now).unwrap();
    assert_eq!((ask.webhook, ask.lane), (id(1), Lane::Bulk), "below the low mark it is fetched");

    let mut desk = Desk::busy();
    desk.dispatch.spilled(&[backlog], desk.now);
    assert!(desk.dispatch.next_claim(desk.now).is_none());
    desk.now = Now { at: desk.now.at + limits::BUFFERED + Duration::from_secs(1), ..desk.now };
    assert!(desk.dispatch.next_claim(desk.now).is_some(), "and after a quarter of an hour in any case");
}

#[test]
fn a_pick_that_is_too_early_leaves_a_timer_that_somebody_hears_of() {
    let mut desk = Desk::with(&[(1, "{}")]);
    let wait = Duration::from_secs(4);
    desk.dispatch.note(id(1), &Heard { success: false, busy: true, retry_after: Some(wait) }, desk.now);
    desk.push(1, Lane::Critical, None);
    assert_eq!(desk.pick(), None);
    assert!(desk.dispatch.has_wake());
    assert_eq!(desk.dispatch.next_timer(), Some(desk.now.at + wait));
    assert!(!desk.dispatch.has_wake());
}

//! Alerts over a store in memory, on a clock that is set by hand.

mod world; // What rules look at, and who is told.

use std::sync::Arc;
use std::time::Duration;

use model::{AlertRule, Audience, Change, Clock as _, Id, Notify, Severity, WebhookId};
use observe::Metrics;
use store::{Alert, Batch, NoticeState, Recipient};

use self::world::{World, slow, ward};
use crate::{Evaluator, Notifier};

const LOOK: Duration = Duration::from_secs(5);

#[tokio::test]
async fn confirmations_slower_than_800_ms_open_one_alert_and_those_of_700_none() {
    let mut world = World::with(vec![slow(1, Vec::new())]).await;
    world.call(700);
    world.pass(LOOK).await;
    assert_eq!(world.alerts().await, []);
    world.call(900);
    world.pass(LOOK).await;
    world.call(1_500);
    world.pass(LOOK).await;
    let alert = world.only().await;
    assert_eq!((alert.resolved, alert.severity), (None, Severity::Warning));
    assert_eq!(world.raised(), ["webhook.slow"], "one outage is one event");
    let news = world.outside.news.lock().unwrap()[0].clone();
    assert_eq!(
        (news.webhook, news.audience),
        (Some(WebhookId::from_raw(1)), Audience::SubscribersAnd(Vec::new()))
    );
}

#[tokio::test]
async fn an_alert_ends_by_itself_and_a_later_outage_is_another() {
    let mut world = World::with(vec![slow(1, Vec::new())]).await;
    world.call(900);
    world.pass(LOOK).await;
    for _ in 0..30 {
        world.call(100);
        world.pass(LOOK).await;
    }
    let alert = world.only().await;
    assert!(alert.resolved.is_some() && alert.value > 880.0, "{alert:?}");
    assert_eq!(world.raised(), ["webhook.slow", "webhook.recovered"]);
    (0..30).for_each(|_| world.call(900));
    world.pass(LOOK).await;
    assert_eq!(world.alerts().await.len(), 2);
}

#[tokio::test]
async fn a_restart_neither_forgets_an_alert_nor_opens_it_again() {
    let mut world = World::with(vec![slow(1, ward())]).await;
    world.call(900);
    world.pass(LOOK).await;
    let metrics = Arc::new(Metrics::new());
    world.ports.metrics = metrics;
    world.evaluator = Evaluator::new(world.ports.clone());
    world.notifier = Notifier::new(world.ports.clone());
    world.look().await;
    world.call(900);
    world.pass(LOOK).await;
    assert_eq!(world.only().await.resolved, None);
    assert_eq!((world.letters().len(), world.raised().len()), (1, 1));
}

#[tokio::test]
async fn an_alert_ends_with_its_rule_or_its_target() {
    let mut world = World::with(vec![slow(1, Vec::new()), slow(2, Vec::new())]).await;
    world.call(900);
    world.pass(LOOK).await;
    assert_eq!(world.alerts().await.len(), 2);
    let off = AlertRule { active: false, ..slow(1, Vec::new()) };
    world.ports.settings.change(vec![Change::PutAlertRule(Box::new(off))], Vec::new()).await.unwrap();
    world.pass(LOOK).await;
    let open = |alerts: Vec<Alert>| alerts.iter().filter(|alert| alert.resolved.is_none()).count();
    assert_eq!(open(world.alerts().await), 1);
    world.ports.settings.change(vec![Change::DropWebhook(WebhookId::from_raw(1))], Vec::new()).await.unwrap();
    world.pass(LOOK).await;
    assert_eq!(open(world.alerts().await), 0);
}

#[tokio::test]
async fn n3_two_alerts_at_once_are_one_letter_and_a_third_waits_its_five_minutes() {
    let mut world = World::with(vec![slow(1, ward()), slow(2, ward())]).await;
    world.call(900);
    world.pass(LOOK).await;
    let letters = world.letters();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].subject, "Carehook: 2 alerts, at worst warning");
    assert!(letters[0].text.contains("warning: Slow 1 (1)"), "{}", letters[0].text);
    assert!(letters[0].text.contains("https://carehook.example/monitoring/alerts"));
    world
        .ports
        .settings
        .change(vec![Change::PutAlertRule(Box::new(slow(3, ward())))], Vec::new())
        .await
        .unwrap();
    world.pass(LOOK).await;
    world.call(900);
    world.pass(LOOK).await;
    assert_eq!((world.alerts().await.len(), world.letters().len()), (3, 1));
    world.pass(Duration::from_secs(300)).await;
    assert_eq!(world.letters().len(), 2);
}

#[tokio::test]
async fn c3_a_letter_names_neither_a_webhook_nor_a_person() {
    let mut world = World::with(vec![slow(1, ward())]).await;
    world.call(900);
    world.pass(LOOK).await;
    let letter = world.letters().remove(0);
    let said = format!("{}{}", letter.subject, letter.text);
    for hidden in ["destination", "receiver.example", "whk_", "ward@"] {
        assert!(!said.contains(hidden), "{hidden} in {said}");
    }
}

#[tokio::test]
async fn a_letter_that_could_not_be_sent_is_visible_and_sent_when_the_server_is_back() {
    let mut world = World::with(vec![slow(1, ward())]).await;
    *world.outside.is_down.lock().unwrap() = true;
    world.call(900);
    world.pass(LOOK).await;
    let notice = |alert: &Alert| {
        alert.notices.iter().find(|notice| matches!(notice.to, Recipient::Email(_))).cloned().unwrap()
    };
    let failed = notice(&world.only().await);
    assert_eq!(
        (failed.state, failed.attempts, failed.error.as_deref()),
        (NoticeState::Owed, 1, Some("connect_refused"))
    );
    *world.outside.is_down.lock().unwrap() = false;
    world.pass(Duration::from_secs(15)).await;
    let sent = notice(&world.only().await);
    assert_eq!((sent.state, sent.error, world.letters().len()), (NoticeState::Sent, None, 1));
}

#[tokio::test]
async fn who_is_named_no_more_or_has_taken_notice_is_not_told() {
    let mut world = World::with(vec![slow(1, ward())]).await;
    *world.outside.is_down.lock().unwrap() = true;
    world.call(900);
    world.pass(LOOK).await;
    let alert = world.only().await;
    let acknowledged = vec![(alert.id, world.clock.now(), Id::from_raw(1))];
    world.ports.store.commit(Batch { acknowledged, ..Batch::default() }).await.unwrap();
    *world.outside.is_down.lock().unwrap() = false;
    world.pass(Duration::from_secs(60)).await;
    assert_eq!(world.letters().len(), 0);
    assert!(world.only().await.notices.iter().all(|notice| notice.state != NoticeState::Owed));
}

#[tokio::test]
async fn a_named_webhook_hears_of_an_alert_about_another() {
    let named = vec![Notify::Webhook { webhook_id: WebhookId::from_raw(2) }];
    let mut world = World::with(vec![slow(1, named)]).await;
    world.call(900);
    world.pass(LOOK).await;
    let news = world.outside.news.lock().unwrap()[0].clone();
    assert_eq!(news.audience, Audience::SubscribersAnd(vec![WebhookId::from_raw(2)]));
    assert!(world.only().await.notices.iter().all(|notice| notice.state == NoticeState::Sent));
}

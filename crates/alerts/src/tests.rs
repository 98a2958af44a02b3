//! Alerts over a store in memory, on a clock that is set by hand.

mod world; // What rules look at, and who is told.

use std::sync::Arc;
use std::time::Duration;

use model::{
    AlertRule, AlertTarget, Audience, Change, Clock as _, Id, Integration, Kind, Mllp, MllpTls, Notify,
    Secret, Severity, Signal, TlsVersion, WebhookId,
};
use observe::Metrics;
use store::{Alert, Batch, NoticeState, Recipient};

use self::world::{World, integration, slow, ward};
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

/// Lets the port of the integration show a certificate that ends on this day.
async fn show_until(world: &World, (year, month, day): (i32, u8, u8)) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(vec!["hub.test".to_owned()]).unwrap();
    params.not_after = rcgen::date_time_ymd(year, month, day);
    let tls = MllpTls {
        certificate: params.self_signed(&key).unwrap().pem(),
        private_key: Secret::new(key.serialize_pem()),
        client_ca: None,
        clients: Vec::new(),
        min_version: TlsVersion::V1_2,
    };
    let mllp = serde_json::json!({ "listen": "127.0.0.1:2575" });
    let mllp = Mllp { tls: Some(Box::new(tls)), ..serde_json::from_value(mllp).unwrap() };
    let port = Integration { kind: Kind::Hl7v2, mllp: Some(mllp), ..integration() };
    world.ports.settings.change(vec![Change::PutIntegration(port)], Vec::new()).await.unwrap();
}

#[tokio::test]
async fn a_port_whose_certificate_ends_soon_opens_an_alert_until_it_is_renewed() {
    let rule = AlertRule { on: Signal::CertificateExpiry, threshold: 14.0, ..slow(1, Vec::new()) };
    let mut world = World::with(vec![rule]).await;
    show_until(&world, (2026, 10, 1)).await;
    world.pass(LOOK).await;
    let alert = world.only().await;
    assert_eq!((alert.target, alert.resolved), (AlertTarget::Integration(integration().id), None));
    show_until(&world, (2030, 1, 1)).await;
    world.pass(LOOK).await;
    assert!(world.only().await.resolved.is_some());
    assert_eq!(world.raised(), ["source.certificate_expiring", "source.recovered"]);
}

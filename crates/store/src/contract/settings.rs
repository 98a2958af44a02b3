//! The configuration and the audit log.

use std::sync::Arc;

use audit::{Action, Actor, Entry};
use model::{Id, KeyId, OrganisationId, Sealed, WebhookId};

use super::World;
use crate::{AuditFilter, Batch, ConfigRow, Error, Store};

pub(super) async fn tell(open: &impl AsyncFn() -> Arc<dyn Store>) {
    the_configuration_is_changed_by_one_at_a_time(World::on(open().await)).await;
    a_document_is_found_as_it_stood(World::on(open().await)).await;
    the_audit_log_is_read_newest_first(World::on(open().await)).await;
}

fn document(kind: &str, id: impl Id, doc: Option<u8>) -> ConfigRow {
    ConfigRow { kind: kind.into(), id: id.raw(), version: 0, doc: doc.map(|byte| Sealed(vec![byte; 20])) }
}

async fn the_configuration_is_changed_by_one_at_a_time(world: World) {
    let store = &world.store;
    assert!(store.config_since(0).await.expect("read").is_empty(), "a new store has no configuration");
    let (organisation, webhook): (OrganisationId, WebhookId) = (world.organisation, world.webhook);
    let rows = vec![document("organisation", organisation, Some(1)), document("webhook", webhook, Some(2))];
    let first = store.config_apply(rows, vec![], 0).await.expect("written");
    let late = store.config_apply(vec![document("webhook", webhook, Some(9))], vec![], 0).await;
    assert!(matches!(late, Err(Error::Stale(0))), "who did not see the last change is refused");
    let second =
        store.config_apply(vec![document("webhook", webhook, None)], vec![], first).await.expect("written");
    assert!(second > first, "versions rise");

    let all = store.config_since(0).await.expect("read");
    let kinds: Vec<_> = all.iter().map(|row| (row.kind.as_str(), row.version)).collect();
    assert_eq!(kinds, [("organisation", first), ("webhook", second)], "the latest of each, oldest first");
    assert_eq!((all[0].id, &all[0].doc), (organisation.raw(), &Some(Sealed(vec![1; 20]))));
    let news = store.config_since(first).await.expect("read");
    assert_eq!((news.len(), &news[0].doc), (1, &None), "a removed document is heard of");
    assert!(store.config_since(second).await.expect("read").is_empty());
}

async fn a_document_is_found_as_it_stood(world: World) {
    let (store, webhook) = (&world.store, world.webhook);
    let mut versions = Vec::new();
    for doc in [Some(1), Some(2), None] {
        let before = versions.last().copied().unwrap_or(0);
        let written = store.config_apply(vec![document("webhook", webhook, doc)], vec![], before).await;
        versions.push(written.expect("written"));
    }
    let at = async |version| {
        let found = store.config_at("webhook", webhook.raw(), version).await.expect("read");
        found.map(|row| (row.version, row.doc.map(|doc| doc.0[0])))
    };
    assert_eq!(at(versions[0] - 1).await, None, "it was not there yet");
    assert_eq!(at(versions[0]).await, Some((versions[0], Some(1))));
    assert_eq!(at(versions[1]).await, Some((versions[1], Some(2))));
    assert_eq!(at(versions[2] + 5).await, Some((versions[2], None)), "removed, and so ever since");
    assert!(store.config_at("trigger", webhook.raw(), versions[1]).await.expect("read").is_none());
}

async fn the_audit_log_is_read_newest_first(world: World) {
    let key: KeyId = world.id();
    let entry = |detail: &str, organisation| Entry {
        at: World::NOW,
        organisation,
        actor: Actor::Key(key),
        action: Action::Update,
        target: world.webhook.to_string(),
        detail: detail.into(),
    };
    let own = Some(world.organisation);
    let foreign: OrganisationId = world.id();
    for detail in ["first", "second"] {
        let audit = vec![entry(detail, own), entry("foreign", Some(foreign))];
        world.commit(Batch { audit, ..Batch::default() }).await;
    }
    world.store.config_apply(vec![], vec![entry("third", own)], 0).await.expect("written");
    let all = AuditFilter::of(world.organisation);
    let page = world.store.list_audit(all.clone(), None, 2).await.expect("read");
    let details: Vec<_> = page.rows.iter().map(|row| row.entry.detail.as_str()).collect();
    assert_eq!(details, ["third", "second"], "the newest first, and only one's own");
    assert_eq!(page.rows[0].entry, entry("third", own), "an entry is found as it was written");
    assert!(page.rows[0].number > page.rows[1].number);
    let rest = world.store.list_audit(all.clone(), page.next, 2).await.expect("read");
    assert_eq!((rest.rows.len(), rest.next), (1, None), "a list ends");
    let count = async |filter| world.store.list_audit(filter, None, 9).await.expect("read").rows.len();
    let target = Some(world.webhook.to_string());
    let own =
        AuditFilter { actor: Some(Actor::Key(key)), action: Some(Action::Update), target, ..all.clone() };
    assert_eq!(count(own.clone()).await, 3, "who did what to what");
    assert_eq!(count(AuditFilter { actor: Some(Actor::System), ..own.clone() }).await, 0);
    assert_eq!(count(AuditFilter { action: Some(Action::Delete), ..own.clone() }).await, 0);
    assert_eq!(count(AuditFilter { target: Some("whk_".into()), ..own.clone() }).await, 0, "word for word");
    assert_eq!(count(AuditFilter { to: Some(World::NOW), ..all.clone() }).await, 0);
    assert_eq!(count(AuditFilter { from: Some(World::NOW), ..all }).await, 3);
}

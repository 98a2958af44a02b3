//! What messages said that no table takes up: added up until its table changes.

use std::sync::Arc;

use model::{Id as _, IntegrationId, LocalCode, Sealed, SiteTable, Timestamp};

use super::World;
use crate::{Batch, ConfigRow, LeftOut, Leftover, Store};

pub(super) async fn tell(open: &impl AsyncFn() -> Arc<dyn Store>) {
    what_is_left_over_is_added_up_until_its_table_changes(World::on(open().await)).await;
}

async fn what_is_left_over_is_added_up_until_its_table_changes(world: World) {
    let code = |table, code: &str, system: Option<&str>| {
        LeftOut::Code(LocalCode { table, code: code.to_owned(), system: system.map(str::to_owned) })
    };
    let integration = world.integration;
    let left = |what: &LeftOut, count, millis| Leftover {
        integration,
        what: what.clone(),
        count,
        first: Timestamp::from_millis(millis),
        last: Timestamp::from_millis(millis),
    };
    let add = async |leftovers| world.commit(Batch { leftovers, ..Batch::default() }).await;
    let known = async || {
        let mut all = world.store.leftovers(integration).await.expect("read");
        all.sort_by(|one, other| one.what.cmp(&other.what));
        all
    };
    assert_eq!(known().await, [], "nothing was left over yet");

    let (plain, named) = (code(SiteTable::Codes, "K", None), code(SiteTable::Codes, "K", Some("L")));
    let (unit, place) = (code(SiteTable::Units, "mmoll", None), LeftOut::Place("ZPD".to_owned()));
    add(vec![left(&plain, 2, 20), left(&named, 1, 20), left(&unit, 1, 20), left(&place, 7, 20)]).await;
    add(vec![left(&plain, 3, 30), left(&plain, 1, 10), left(&LeftOut::Dropped, 4, 30)]).await;
    let all = known().await;
    assert_eq!(all.len(), 5, "a code of a system is another: {all:?}");
    let found = all.iter().find(|one| one.what == plain).expect("it is there");
    let at = |millis| Timestamp::from_millis(millis);
    assert_eq!((found.count, found.first, found.last), (6, at(10), at(30)));

    world.commit(Batch { mapped: vec![(integration, SiteTable::Codes)], ..Batch::default() }).await;
    let all = known().await;
    assert_eq!(all.len(), 3, "codes are counted anew, and nothing else: {all:?}");
    assert_eq!(world.store.leftovers(world.id::<IntegrationId>()).await.expect("read"), []);

    let row = |doc| ConfigRow { kind: "integration".to_owned(), id: integration.raw(), version: 0, doc };
    let put =
        world.store.config_apply(vec![row(Some(Sealed(vec![1; 20])))], vec![], 0).await.expect("written");
    world.store.config_apply(vec![row(None)], vec![], put).await.expect("written");
    assert_eq!(known().await, [], "it goes with its source");
}

use rusqlite::Connection;
use serde_json::json;

use crate::harness::{Home, Setting, critical, verify_audit};

/// A server that has lived and is stopped.
fn past_life() -> Setting {
    let mut story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({}));
    for n in 0..5 {
        story.accept(&integration, &critical(&format!("a{n}"), "1001"));
    }
    story.until_settled(&hook);
    hook.ask("pause", &json!({}), 200);
    hook.ask("resume", &json!({}), 200);
    assert!(story.server.stop().success());
    story
}

fn tamper(home: &Home, sql: &str) -> Home {
    let copy = home.copy();
    let store = Connection::open(copy.data().join("store.db")).unwrap();
    store.execute_batch(sql).unwrap();
    assert!(store.changes() > 0, "{sql}");
    drop(store);
    copy
}

#[test]
fn the_audit_chain_finds_every_kind_of_tampering() {
    let story = past_life();
    let home = &story.server.home;
    let (code, told) = verify_audit(&home.copy());
    assert_eq!((code, &told["ok"]), (0, &json!(true)), "{told}");
    let rows = told["rows"].as_u64().unwrap();
    assert!(rows > 5, "{told}");
    assert_eq!(told["truncationExcludedTo"], rows, "the anchor was written at the end");

    let changed = "UPDATE audit SET mac = zeroblob(length(mac)) WHERE number = 3";
    let cases = [
        ("a changed target", "UPDATE audit SET target = target || 'x' WHERE number = 3", Some(3)),
        ("a changed actor", "UPDATE audit SET actor = actor + 1 WHERE number = 3", Some(3)),
        ("a changed time", "UPDATE audit SET at = at + 1 WHERE number = 3", Some(3)),
        ("a changed mac", changed, Some(3)),
        ("a deleted row", "DELETE FROM audit WHERE number = 3", None),
        (
            "two rows in another order",
            "UPDATE audit SET number = -1 WHERE number = 3; UPDATE audit SET number = 3 WHERE number = 4;
             UPDATE audit SET number = 4 WHERE number = -1",
            None,
        ),
        (
            "an inserted row",
            "INSERT INTO audit SELECT (SELECT max(number) + 1 FROM audit), at, organisation, actor, action, target,
             detail, mac FROM audit WHERE number = 3",
            None,
        ),
        ("a lost tail", "DELETE FROM audit WHERE number > (SELECT max(number) - 2 FROM audit)", None),
        ("everything lost", "DELETE FROM audit", None),
    ];
    for (what, sql, row) in cases {
        let (code, told) = verify_audit(&tamper(home, sql));
        assert_eq!((code, &told["ok"]), (1, &json!(false)), "{what}: {told}");
        if let Some(row) = row {
            assert_eq!(told["row"], row, "{what}: {told}");
        }
    }
}

#[test]
fn who_changed_what_and_who_looked_is_written_down() {
    let story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({}));
    hook.ask("pause", &json!({}), 200);
    hook.ask("rotate-secret", &json!({}), 200);
    let entries = story.api.all("/admin/audit");
    let of_hook: Vec<&str> = entries
        .iter()
        .filter(|entry| entry["target"] == hook.id)
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    assert_eq!(of_hook.len(), 3, "made, paused, rotated: {entries:?}");
    assert!(entries.iter().all(|entry| !entry.to_string().contains("whsec_")));
    let event = story.accept(&integration, &critical("a", "1001"));
    let before = story.api.all("/admin/audit").len();
    story.api.get(&format!("/admin/events/{event}")).is(200);
    assert_eq!(story.api.all("/admin/audit").iter().filter(|entry| entry["action"] == "reveal").count(), 0);
    story.api.get("/stream").is(200);
    let after = story.api.all("/admin/audit");
    assert!(
        after.len() > before && after.iter().any(|entry| entry["action"] == "reveal"),
        "contents were read: {after:?}"
    );
}

use rusqlite::Connection;
use serde_json::json;

use crate::harness::{Setting, critical, until, verify_audit};

#[test]
fn k1_a_step_of_the_clock_over_a_restart_stops_retention_until_a_person_accepts_the_time() {
    let mut story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({}));
    story.accept(&integration, &critical("a", "1001"));
    story.until_settled(&hook);
    let ready = story.api.get("/readyz").json(200);
    assert_eq!(ready["warnings"], json!([]), "{ready}");
    assert!(story.server.stop().success());

    // As if the machine had been off for ten days, or its clock had jumped over them.
    let store = Connection::open(story.server.home.data().join("store.db")).unwrap();
    let back = "UPDATE meta SET value = value - 864000000 WHERE name = 'retention_clock'";
    assert_eq!(store.execute(back, []).unwrap(), 1);
    drop(store);
    story.server.restart();
    let api = story.server.api();
    let warnings = || api.get("/readyz").json(200)["warnings"].clone();
    let wait = |what, wanted: serde_json::Value| {
        until(what, || Some(()).filter(|()| warnings() == wanted).ok_or_else(warnings));
    };
    wait("retention says that it waits", json!(["retention_clock"]));
    let clock = api.get("/admin/retention/clock").json(200);
    assert_eq!(clock["stopped"], true, "{clock}");
    let page = String::from_utf8(api.get("/metrics").body).unwrap();
    assert!(page.contains("carehook_retention_stopped 1"), "{page}");

    api.post("/admin/retention/clock", &json!({ "now": "2001-01-01T00:00:00Z" })).is(422);
    api.post("/admin/retention/clock", &json!({ "now": clock["now"] })).is(200);
    wait("retention goes on", json!([]));
    let log = api.all("/admin/audit");
    assert!(log.iter().any(|row| row["target"] == "retention clock" && row["action"] == "update"), "{log:?}");
    assert!(story.server.stop().success());
    assert_eq!(verify_audit(&story.server.home.copy()).0, 0, "the chain holds over it");
}

//! What a webhook cannot be.

use model::Code;
use serde_json::{Value, json};

use super::desk::{Desk, settings};
use Code::{
    DuplicateKey, EventTypeNotOffered, Forbidden, InvalidField, JustificationRequired, MalformedJson,
    NotSupported, TooDeep, UnknownEventType, UnknownField, UrlBadHost, UrlBadPort, UrlFragment,
    UrlMissingScheme, UrlPrivateAddress, UrlSchemeNotAllowed, UrlUserinfo,
};

fn faults_of_what_it_gets() -> Vec<(Value, Code, &'static str)> {
    vec![
        (json!({ "name": null }), InvalidField, "/name"),
        (json!({ "name": " " }), InvalidField, "/name"),
        (json!({ "url": null }), InvalidField, "/url"),
        (json!({ "url": "portal.example" }), UrlMissingScheme, "/url"),
        (json!({ "url": "http://portal.example" }), UrlSchemeNotAllowed, "/url"),
        (json!({ "url": "https://me:pw@portal.example" }), UrlUserinfo, "/url"),
        (json!({ "url": "https://portal.example/#x" }), UrlFragment, "/url"),
        (json!({ "url": "https://portal.example:0" }), UrlBadPort, "/url"),
        (json!({ "url": "https://" }), UrlBadHost, "/url"),
        (json!({ "url": "https://10.2.3.4/" }), UrlPrivateAddress, "/url"),
        (json!({ "eventTypes": [] }), InvalidField, "/eventTypes"),
        (json!({ "eventTypes": ["lab.*", "Lab.Result"] }), InvalidField, "/eventTypes/1"),
        (json!({ "eventTypes": ["lab.*", "lab.exploded"] }), UnknownEventType, "/eventTypes/1"),
        (json!({ "objectTypes": ["lab_report", "spaceship"] }), InvalidField, "/objectTypes/1"),
        (json!({ "objectIds": [""] }), InvalidField, "/objectIds/0"),
        (json!({ "sources": "all" }), InvalidField, "/sources"),
        (json!({ "sources": [] }), InvalidField, "/sources"),
        (json!({ "sources": ["int_00000000000000000000000009"] }), InvalidField, "/sources/0"),
        (json!({ "filter": "data.value >" }), InvalidField, "/filter"),
        (json!({ "filter": "patient.name.exists()" }), InvalidField, "/filter"),
        (json!({ "filter": { "$gt": 6 } }), InvalidField, "/filter"),
        (json!({ "filter": "data.value > 6" }), JustificationRequired, "/justification"),
        (json!({ "format": "xml" }), InvalidField, "/format"),
        (json!({ "format": "raw" }), InvalidField, "/format"),
        (json!({ "profile": "minimal" }), NotSupported, "/profile"),
        (json!({ "profile": "limited", "justification": "x" }), NotSupported, "/profile"),
        (json!({ "profile": "everything" }), InvalidField, "/profile"),
        (json!({ "profile": "full" }), JustificationRequired, "/justification"),
        (json!({ "purpose": "FUN" }), InvalidField, "/purpose"),
        (json!({ "recipientClass": "anybody" }), InvalidField, "/recipientClass"),
        (json!({ "lane": "fast" }), InvalidField, "/lane"),
        (json!({ "ordering": "random" }), InvalidField, "/ordering"),
        (json!({ "acceptTest": "yes" }), InvalidField, "/acceptTest"),
        (json!({ "ack": { "within": "15m", "by": "unit" } }), NotSupported, "/ack"),
    ]
}

fn faults_of_how_it_is_called() -> Vec<(Value, Code, &'static str)> {
    vec![
        (json!({ "auth": { "kind": "oauth2" } }), NotSupported, "/auth/kind"),
        (json!({ "auth": { "kind": "magic" } }), InvalidField, "/auth/kind"),
        (json!({ "auth": {} }), InvalidField, "/auth/kind"),
        (json!({ "auth": { "kind": "bearer" } }), InvalidField, "/auth/token"),
        (json!({ "auth": { "kind": "bearer", "token": "a\nb" } }), InvalidField, "/auth/token"),
        (json!({ "auth": { "kind": "none", "token": "a" } }), InvalidField, "/auth/token"),
        (json!({ "auth": { "kind": "bearer", "tokn": "a" } }), UnknownField, "/auth/tokn"),
        (
            json!({ "auth": { "kind": "basic", "username": "a:b", "password": "" } }),
            InvalidField,
            "/auth/username",
        ),
        (
            json!({ "auth": { "kind": "headers", "headers": { "Host": "a" } } }),
            InvalidField,
            "/auth/headers/Host",
        ),
        (
            json!({ "auth": { "kind": "headers", "headers": { "webhook-id": "a" } } }),
            InvalidField,
            "/auth/headers/webhook-id",
        ),
        (
            json!({ "auth": { "kind": "headers", "headers": { "x y": "a" } } }),
            InvalidField,
            "/auth/headers/x y",
        ),
        (json!({ "auth": { "kind": "headers", "headers": { "x": null } } }), InvalidField, "/auth/headers/x"),
        (json!({ "tls": { "minVersion": "1.1" } }), InvalidField, "/tls/minVersion"),
        (json!({ "tls": { "clientCertificate": "pem" } }), NotSupported, "/tls/clientCertificate"),
        (json!({ "tls": { "pins": ["sha256/x"] } }), NotSupported, "/tls/pins"),
        (json!({ "tls": { "ca": "nonsense" } }), InvalidField, "/tls/ca"),
        (json!({ "signing": { "kind": "md5" } }), InvalidField, "/signing/kind"),
        (json!({ "signing": { "secret": "short" } }), InvalidField, "/signing/secret"),
        (json!({ "signing": { "secret": "whsec_AAAA" } }), InvalidField, "/signing/secret"),
        (json!({ "retry": { "schedule": [] } }), InvalidField, "/retry"),
        (json!({ "retry": { "horizon": "1993h" } }), InvalidField, "/retry"),
        (json!({ "retry": { "schedule": ["5 minutes"] } }), InvalidField, "/retry/schedule/0"),
        (json!({ "retry": { "shedule": ["5s"] } }), UnknownField, "/retry/shedule"),
        (json!({ "timeout": "61s" }), InvalidField, "/timeout"),
        (json!({ "timeout": "500ms" }), InvalidField, "/timeout"),
        (json!({ "rateLimit": { "perSecond": 0 } }), InvalidField, "/rateLimit/perSecond"),
        (json!({ "maxInFlight": 0 }), InvalidField, "/maxInFlight"),
        (json!({ "maxInFlight": 257 }), InvalidField, "/maxInFlight"),
        (json!({ "maxInFlight": 100000 }), InvalidField, "/maxInFlight"),
        (json!({ "escalation": { "afterRetries": 3 } }), NotSupported, "/escalation"),
        (json!({ "encryption": { "jwk": {} } }), NotSupported, "/encryption/jwk"),
        (json!({ "encryption": { "fields": ["data.x"] } }), NotSupported, "/encryption/fields"),
        (json!({ "eventtypes": ["*"] }), UnknownField, "/eventtypes"),
    ]
}

#[tokio::test]
async fn every_fault_has_its_code_and_its_place_and_changes_nothing() {
    let desk = Desk::open().await;
    let version = desk.api.settings.now().config.version;
    for (more, code, place) in faults_of_what_it_gets().into_iter().chain(faults_of_how_it_is_called()) {
        let answer = desk.post("admin", &desk.webhooks(), settings(more)).await;
        answer.refused(code, Some(place));
    }
    for (body, code) in
        [("{", MalformedJson), ("", MalformedJson), (r#"{"name":"a","name":"b"}"#, DuplicateKey)]
    {
        let request = http::Request::post(desk.webhooks()).body(body.into()).unwrap();
        desk.send_as("admin", request).await.refused(code, None);
    }
    let deep = format!("{}{}", "[".repeat(65), "]".repeat(65));
    let request = http::Request::post(desk.webhooks()).body(deep.into()).unwrap();
    desk.send_as("admin", request).await.refused(TooDeep, None);
    assert_eq!(desk.api.settings.now().config.version, version);
}

#[tokio::test]
async fn an_integration_offers_what_it_raises_and_says_so() {
    let desk = Desk::open().await;
    let lab = json!({ "name": "Lab", "kind": "hl7v2", "timeZone": "Europe/London" });
    let lab = desk.post("admin", "/admin/integration", lab).await.ok(201);
    let offered: Vec<&str> = lab["eventTypes"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(offered.contains(&"lab.result.critical") && !offered.contains(&"lead.created"), "{offered:?}");
    assert!(lab["objectTypes"].as_array().unwrap().contains(&json!("lab_report")));

    let path = format!("/admin/integration/{}/webhooks", lab["id"].as_str().unwrap());
    for types in [json!(["lead.created"]), json!(["survey.*"])] {
        let refused = desk.post("admin", &path, settings(json!({ "eventTypes": types }))).await;
        refused.refused(EventTypeNotOffered, Some("/eventTypes/0"));
        assert!(refused.json()["detail"].as_str().unwrap().contains("lab.result.critical"));
    }
    let named = json!([
        "*",
        "lab.result.critical",
        "lab.*",
        "x.*",
        "x.hl7v2.adt_a99",
        "webhook.disabled",
        "delivery.*"
    ]);
    desk.post("admin", &path, settings(json!({ "eventTypes": named }))).await.ok(201);
    // What another source raises is offered to who hears it.
    let heard = json!({ "eventTypes": ["lead.created"], "sources": [desk.integration(), lab["id"]] });
    desk.post("admin", &path, settings(heard)).await.ok(201);
}

#[tokio::test]
async fn hearing_everything_and_raising_to_critical_are_for_admins() {
    let desk = Desk::open().await;
    for (more, place) in [(json!({ "sources": "*" }), "/sources"), (json!({ "lane": "critical" }), "/lane")] {
        desk.post("engineer", &desk.webhooks(), settings(more.clone())).await.refused(Forbidden, Some(place));
        let (path, made) = desk.webhook(more).await;
        // What an admin allowed may be sent back by an engineer.
        desk.put("engineer", &path, made).await.ok(200);
    }
}

#[tokio::test]
async fn c13_full_needs_tls_and_a_receiver_that_asks_for_credentials_and_in_eu_more_than_there_is() {
    let desk = Desk::open().await;
    let mut full = json!({ "profile": "full", "justification": "Direct care." });
    let open = desk.post("admin", &desk.webhooks(), settings(full.clone())).await;
    open.refused(Code::InvalidField, Some("/auth"));
    full["auth"] = json!({ "kind": "bearer", "token": "t" });
    let (path, made) = desk.webhook(full.clone()).await;
    let mut opened = made.clone();
    opened["auth"] = json!({ "kind": "none" });
    desk.put("admin", &path, opened).await.refused(Code::InvalidField, Some("/auth"));
    let eu = json!({ "name": "Klinik", "kind": "fhir", "region": "eu" });
    let eu = desk.post("admin", "/admin/integration", eu).await.ok(201);
    let path = format!("/admin/integration/{}/webhooks", eu["id"].as_str().unwrap());
    desk.post("admin", &path, settings(full)).await.refused(NotSupported, Some("/profile"));
}

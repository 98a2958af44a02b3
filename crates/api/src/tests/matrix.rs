//! Who may do what: every call of the description, with a key of every role.

use http::{Method, StatusCode};
use model::Id;
use serde_json::json;

use super::desk::Desk;
use crate::description::operations;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Needs {
    Nothing,
    /// A session: no key is enough.
    Cookie,
    AnyKey,
    Look,
    Configure,
    Reveal,
    Administer,
    Installation,
}

use Needs::{Administer, AnyKey, Configure, Cookie, Installation, Look, Nothing, Reveal};

const CALLS: &[(&str, &str, Needs)] = &[
    ("GET", "/.well-known/jwks.json", Nothing),
    ("GET", "/healthz", Nothing),
    ("GET", "/readyz", Nothing),
    ("GET", "/metrics", AnyKey),
    ("GET", "/openapi.json", AnyKey),
    ("GET", "/session", Cookie),
    ("POST", "/session", Cookie),
    ("DELETE", "/session", Cookie),
    ("POST", "/session/links", Look),
    ("GET", "/admin/integration", Look),
    ("POST", "/admin/integration", Configure),
    ("GET", "/admin/integration/{id}", Look),
    ("PUT", "/admin/integration/{id}", Configure),
    ("DELETE", "/admin/integration/{id}", Configure),
    ("GET", "/admin/integration/{id}/mapping", Look),
    ("PUT", "/admin/integration/{id}/mapping", Configure),
    ("GET", "/admin/integration/{id}/mapping/{table}", Look),
    ("PUT", "/admin/integration/{id}/mapping/{table}", Configure),
    ("GET", "/admin/integration/{id}/worklist", Look),
    ("GET", "/admin/presets", Look),
    ("GET", "/admin/presets/{name}", Look),
    ("GET", "/admin/integration/{id}/webhooks", Look),
    ("POST", "/admin/integration/{id}/webhooks", Configure),
    ("POST", "/admin/integration/{id}/webhooks/test", Configure),
    ("GET", "/admin/integration/{id}/webhooks/{webhookId}", Look),
    ("PUT", "/admin/integration/{id}/webhooks/{webhookId}", Configure),
    ("DELETE", "/admin/integration/{id}/webhooks/{webhookId}", Configure),
    ("GET", "/admin/integration/{id}/webhooks/{webhookId}/logs", Look),
    ("GET", "/admin/integration/{id}/webhooks/{webhookId}/status", Look),
    ("POST", "/admin/integration/{id}/webhooks/{webhookId}/pause", Configure),
    ("POST", "/admin/integration/{id}/webhooks/{webhookId}/resume", Configure),
    ("POST", "/admin/integration/{id}/webhooks/{webhookId}/challenge", Configure),
    ("POST", "/admin/integration/{id}/webhooks/{webhookId}/rotate-secret", Configure),
    ("POST", "/admin/integration/{id}/webhooks/{webhookId}/recover", Configure),
    ("POST", "/admin/integration/{id}/webhooks/preview", Configure),
    ("POST", "/admin/changes/preview", Configure),
    ("GET", "/admin/overview", Look),
    ("GET", "/admin/sources", Look),
    ("GET", "/admin/monitoring/webhooks", Look),
    ("GET", "/admin/monitoring/series", Look),
    ("GET", "/admin/monitoring/lanes", Look),
    ("GET", "/admin/dead-letters", Look),
    ("GET", "/admin/redrives", Look),
    ("GET", "/admin/event-types/{type}", Look),
    ("DELETE", "/admin/event-types/{type}", Configure),
    ("GET", "/admin/packs", Look),
    ("GET", "/admin/retention", Look),
    ("GET", "/admin/search", Look),
    ("GET", "/admin/health", Look),
    ("POST", "/admin/audit/verify", Administer),
    ("POST", "/admin/deliveries/{id}/reveal", Reveal),
    ("GET", "/admin/events", Look),
    ("GET", "/admin/events/{id}", Look),
    ("GET", "/admin/events/{id}/mapping", Look),
    ("POST", "/admin/events/{id}/replay", Configure),
    ("POST", "/admin/events/{id}/reveal", Reveal),
    ("POST", "/admin/events/search", Look),
    ("GET", "/admin/deliveries", Look),
    ("GET", "/admin/deliveries/{id}", Look),
    ("POST", "/admin/deliveries/{id}/retry", Configure),
    ("POST", "/admin/deliveries/{id}/cancel", Configure),
    ("POST", "/admin/redrives", Configure),
    ("GET", "/admin/redrives/{id}", Look),
    ("DELETE", "/admin/redrives/{id}", Configure),
    ("GET", "/admin/rejections", Look),
    ("GET", "/admin/rejections/counts", Look),
    ("GET", "/admin/rejections/{id}", Look),
    ("POST", "/admin/rejections/{id}/reveal", Reveal),
    ("POST", "/admin/rejections/{id}/replay", Configure),
    ("GET", "/admin/event-types", Look),
    ("POST", "/admin/event-types", Configure),
    ("GET", "/admin/organisations", Installation),
    ("POST", "/admin/organisations", Installation),
    ("GET", "/admin/keys", Administer),
    ("POST", "/admin/keys", Administer),
    ("DELETE", "/admin/keys/{id}", Administer),
    ("GET", "/admin/triggers", Look),
    ("POST", "/admin/triggers", Configure),
    ("POST", "/admin/triggers/test", Configure),
    ("GET", "/admin/triggers/{id}", Look),
    ("PUT", "/admin/triggers/{id}", Configure),
    ("DELETE", "/admin/triggers/{id}", Configure),
    ("GET", "/admin/triggers/{id}/judgements", Look),
    ("GET", "/admin/alert-rules", Look),
    ("POST", "/admin/alert-rules", Configure),
    ("POST", "/admin/alert-rules/preview", Look),
    ("GET", "/admin/alert-rules/{id}", Look),
    ("PUT", "/admin/alert-rules/{id}", Configure),
    ("DELETE", "/admin/alert-rules/{id}", Configure),
    ("GET", "/admin/alerts", Look),
    ("POST", "/admin/alerts/{id}/acknowledge", Configure),
    ("GET", "/admin/audit", Administer),
    ("GET", "/admin/retention/clock", Installation),
    ("POST", "/admin/retention/clock", Installation),
    ("GET", "/admin/egress", Look),
    ("GET", "/admin/live", Look),
    ("GET", "/stream", Look),
];

fn may(who: &str, needs: Needs) -> bool {
    let rights: &[Needs] = match who {
        "admin" => &[Nothing, AnyKey, Look, Configure, Reveal, Administer, Installation],
        "stranger" => &[Nothing, AnyKey, Look, Configure, Reveal, Administer],
        "engineer" => &[Nothing, AnyKey, Look, Configure, Reveal],
        "viewer" => &[Nothing, AnyKey, Look],
        "sender" => &[Nothing, AnyKey],
        _ => &[Nothing],
    };
    rights.contains(&needs)
}

#[test]
fn every_call_of_the_description_stands_in_the_matrix() {
    let mut described = Vec::new();
    for (path, item) in &mut crate::openapi(utoipa::openapi::OpenApi::default()).paths.paths {
        described.extend(operations(item).map(|(method, _)| format!("{method} {path}")));
    }
    let mut listed: Vec<String> = CALLS.iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    described.sort();
    listed.sort();
    assert_eq!(described, listed);
}

#[tokio::test]
async fn every_role_may_do_what_it_may_and_nothing_else() {
    let desk = Desk::open().await;
    for who in ["admin", "stranger", "engineer", "viewer", "sender", "nobody"] {
        for (method, path, needs) in CALLS {
            // Ids of nothing: whoever may ask hears 404, and nothing is changed by asking.
            let path = path
                .replace("{id}/webhooks", &format!("{}/webhooks", model::IntegrationId::from_raw(9)))
                .replace("{webhookId}", &model::WebhookId::from_raw(9).to_string())
                .replace("{id}", "evt_0");
            let body = (*method == "POST" || *method == "PUT").then(|| json!({ "unknown": 0 }));
            let answer = desk.call(who, Method::from_bytes(method.as_bytes()).unwrap(), &path, body).await;
            let expected: fn(StatusCode) -> bool = match (may(who, *needs), who) {
                (true, _) => |status| status != 401 && status != 403 && status != 405 && status != 500,
                (false, "nobody") if needs_credentials(method, &path) => |status| status == 401,
                (false, "nobody") => |status| status == 422,
                (false, _) if *needs == Cookie => |status| status == 401 || status == 422,
                (false, _) => |status| status == 403 || status == 404,
            };
            assert!(expected(answer.status), "{who} {method} {path} ({needs:?}): {}", answer.status);
        }
    }
}

/// Signing in is how credentials are come by; it is refused for what is written in its body.
fn needs_credentials(method: &str, path: &str) -> bool {
    (method, path) != ("POST", "/session")
}

#[tokio::test]
async fn a_right_is_asked_for_before_anything_is_looked_up() {
    let desk = Desk::open().await;
    let webhook = format!("{}/{}", desk.webhooks(), model::WebhookId::from_raw(9));
    for (who, method, path) in [
        ("viewer", Method::DELETE, webhook.as_str()),
        ("sender", Method::GET, &webhook),
        ("sender", Method::GET, "/stream"),
        ("viewer", Method::POST, "/admin/redrives"),
        ("engineer", Method::GET, "/admin/keys"),
        ("stranger", Method::GET, "/admin/organisations"),
    ] {
        desk.call(who, method, path, None).await.refused(model::Code::Forbidden, None);
    }
    let answer = desk.get("nobody", "/admin/integration").await;
    answer.refused(model::Code::Unauthorized, None);
    assert_eq!(answer.headers["www-authenticate"], "Bearer");
}

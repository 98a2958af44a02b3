use serde_json::{Value, json};

use crate::harness::{Answer, Api, Setting, critical, run};

/// A browser after it has signed in, on a page of the server's own.
struct Browser<'a> {
    api: &'a Api,
    cookie: String,
    csrf: String,
    origin: String,
}

impl<'a> Browser<'a> {
    fn sign_in(api: &'a Api, wish: &Value) -> Browser<'a> {
        let answer = api.post("/session", wish);
        let shown = answer.json(200);
        let line = answer.header("set-cookie").expect("signing in sets a cookie");
        Browser {
            api,
            cookie: line.split(';').next().unwrap().to_owned(),
            csrf: shown["csrf"].as_str().unwrap().to_owned(),
            origin: format!("http://{}", api.address),
        }
    }

    fn get(&self, path: &str) -> Answer {
        self.api.send("GET", path, &[("cookie", &self.cookie), ("accept", "text/html")], b"").unwrap()
    }

    fn post(&self, path: &str, body: &Value) -> Answer {
        let ours = [("x-csrf-token", self.csrf.as_str()), ("origin", self.origin.as_str())];
        self.send(path, &ours, body)
    }

    fn send(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let cookie = [("cookie", self.cookie.as_str()), ("content-type", "application/json")];
        self.api.send("POST", path, &[&cookie, headers].concat(), body.to_string().as_bytes()).unwrap()
    }
}

#[test]
fn a_person_signs_in_by_a_link_of_the_command_line_works_and_is_signed_out_by_a_restart() {
    let mut story = Setting::new();
    let printed = run(&story.api, &["sign-in"]);
    let (address, text) = printed.trim().split_once('#').expect("the text stands behind #");
    assert_eq!(address, format!("http://{}/signin", story.api.address));
    let nobody = story.api.with_key("");
    let page = nobody.send("GET", "/signin", &[("accept", "text/html")], b"").unwrap();
    page.is(200);
    assert!(
        page.header("content-security-policy").unwrap().starts_with("default-src 'none'; script-src 'self'")
    );

    let browser = Browser::sign_in(&nobody, &json!({ "link": text }));
    nobody.post("/session", &json!({ "link": text })).is(401);
    assert_eq!(browser.get("/session").json(200)["role"], "admin");
    let made = browser.post("/admin/integration", &json!({ "name": "Ward", "kind": "events" })).json(201);
    let door = format!("/ingest/{}/events", made["id"].as_str().unwrap());
    // A person who may, may send in as well; another site's page may not make their browser do so.
    browser.post(&door, &critical("one", "1001")).is(202);
    let refused =
        browser.send(&door, &[("origin", "https://evil.example")], &critical("two", "1001")).json(403);
    assert_eq!(refused["code"], "csrf");

    let audit = story.api.get("/admin/audit").json(200).to_string();
    assert!(audit.contains("sign_in") && !audit.contains(text) && !audit.contains(&browser.csrf));
    let (cookie, csrf) = (browser.cookie.clone(), browser.csrf.clone());
    story.server.stop();
    story.server.restart();
    nobody.send("GET", "/session", &[("cookie", &cookie)], b"").unwrap().is(401);
    for (path, bytes) in story.server.home.data_files() {
        let holds = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
        assert!(!holds(&csrf) && !holds(cookie.split_once('=').unwrap().1), "{}", path.display());
    }
}

#[test]
fn a_revoked_key_takes_its_sessions_along_and_a_viewers_session_writes_nothing() {
    let story = Setting::new();
    let made = story.api.post("/admin/keys", &json!({ "name": "Ana", "role": "viewer" })).json(201);
    let nobody = story.api.with_key("");
    let browser = Browser::sign_in(&nobody, &json!({ "key": made["key"] }));
    browser.get("/admin/integration").is(200);
    browser.post("/admin/integration", &json!({ "name": "x", "kind": "events" })).is(403);
    story.api.call("DELETE", &format!("/admin/keys/{}", made["id"].as_str().unwrap()), None).is(204);
    browser.get("/admin/integration").is(401);
    browser.get("/session").is(401);
}

#[test]
fn what_a_sender_wrote_is_never_served_as_a_page() {
    let story = Setting::new();
    let integration = story.integration("events", &json!({ "name": "<script>alert(1)</script>" }));
    let mut event = critical("<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>");
    event["data"]["note"] = json!("<script>alert(2)</script>");
    let id = story.accept(&integration, &event);
    let browser = Browser::sign_in(&story.api, &json!({ "key": story.api.key() }));
    for path in [
        "/admin/integration".to_owned(),
        format!("/admin/integration/{integration}"),
        format!("/admin/events/{id}"),
        "/admin/events".to_owned(),
        "/admin/%3Cscript%3Ealert(1)%3C%2Fscript%3E".to_owned(),
        format!("/ingest/{integration}/%3Cscript%3E"),
        "/assets/%3Cscript%3E.html".to_owned(),
        "/openapi.json".to_owned(),
        "/metrics".to_owned(),
    ] {
        let answer = browser.get(&path);
        let kind = answer.header("content-type").unwrap_or_default();
        assert!(!kind.contains("html") && !kind.contains("xml"), "{path}: {kind}");
        if answer.status < 400 {
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        }
    }
}

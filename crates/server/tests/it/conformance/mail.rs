//! A mail server takes our notices: in clear, by STARTTLS and in TLS, with a password and without.

use std::io::{BufRead as _, BufReader, Lines};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use super::{path, script};
use crate::harness::{Home, Reply, Server, Setting, Start, free_port, until};

/// The mail server as a child.
struct Mailbox {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Mailbox {
    fn open(address: SocketAddr, mode: &str, more: &[&str]) -> Mailbox {
        let mut command = Command::new(path("CAREHOOK_TEST_PYTHON"));
        command.arg(script("mailbox.py")).arg(address.port().to_string()).arg(mode).args(more);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut mailbox = Mailbox { child, lines };
        assert_eq!(mailbox.next(), json!({ "listening": true }));
        mailbox
    }

    /// The next line that it writes.
    fn next(&mut self) -> Value {
        serde_json::from_str(&self.lines.next().expect("it runs").unwrap()).unwrap()
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A certificate for the mail server, in files, and the authority that signed it.
fn certificate(home: &Home) -> [PathBuf; 2] {
    let signed = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let paths = ["mail.pem", "mail.key"].map(|name| home.path().join(name));
    std::fs::write(&paths[0], signed.cert.pem()).unwrap();
    std::fs::write(&paths[1], signed.signing_key.serialize_pem()).unwrap();
    paths
}

/// A server whose notices go to a mail server.
fn setting(home: Home, mail: SocketAddr, more: &[(&'static str, String)]) -> Setting {
    let mut settings = vec![
        ("CAREHOOK__SMTP__HOST", "localhost".to_owned()),
        ("CAREHOOK__SMTP__PORT", mail.port().to_string()),
        ("CAREHOOK__SMTP__FROM", "carehook@hospital.example".to_owned()),
        ("CAREHOOK__SMTP__CONSOLE", "https://carehook.hospital.example".to_owned()),
    ];
    settings.extend_from_slice(more);
    let settings = settings.into_iter().map(|(name, value)| (name, &*value.leak())).collect();
    Setting::on(Server::start_with(home, Start { settings, ..Start::default() }))
}

/// Makes a rule that tells the ward of dead letters, and lets there be one.
fn outage(story: &Setting) {
    let rule = json!({
        "name": "Given up", "on": "dead_letters", "threshold": 0,
        "notify": [{ "kind": "email", "to": ["ward@hospital.example"] }],
    });
    story.api.post("/admin/alert-rules", &rule).json(201);
    let integration = story.events();
    let retry = json!({ "retry": { "maxAttempts": 1, "baseDelay": "1s", "maxDelay": "1s" } });
    let hook = story.hook(&integration, &retry);
    story.receiver.answer(|_| Reply::status(500));
    story.accept(&integration, &crate::harness::event("appointment.booked", "a", "MRN-1001"));
    hook.until_deliveries("dead_lettered", 1);
}

/// The notice by e-mail, once it looks like this.
fn notice(story: &Setting, looks: impl Fn(&Value) -> bool) -> Value {
    until("the notice stands so", || {
        let alerts = story.api.all("/admin/alerts");
        let notices: Vec<Value> =
            alerts.iter().flat_map(|alert| alert["notices"].as_array().unwrap().clone()).collect();
        let found = notices.iter().find(|notice| notice["kind"] == "email" && looks(notice));
        found.cloned().ok_or(notices)
    })
}

fn error(code: &'static str) -> impl Fn(&Value) -> bool {
    move |notice| notice["state"] == "owed" && notice["error"] == code
}

#[test]
fn c3_a_notice_carries_a_count_a_severity_a_rule_and_a_link_and_nobody() {
    let mail = free_port();
    let mut mailbox = Mailbox::open(mail, "plain", &[]);
    let story = setting(Home::new(), mail, &[("CAREHOOK__SMTP__TLS", "none".to_owned())]);
    outage(&story);
    let letter = mailbox.next();
    assert_eq!(letter["to"], json!(["ward@hospital.example"]));
    let text = letter["text"].as_str().unwrap();
    for said in [
        "Subject: Carehook: 1 alert, at worst warning",
        "warning: Given up (1)",
        "https://carehook.hospital.example/monitoring/alerts",
    ] {
        assert!(text.contains(said), "{said} is not in\n{text}");
    }
    assert!(!text.contains("MRN-1001") && !text.contains("whk_"), "{text}");
    notice(&story, |notice| notice["state"] == "sent");
}

#[test]
fn a_notice_waits_for_a_server_that_is_down_and_for_a_password_that_is_right() {
    let home = Home::new();
    let [certificate, key] = certificate(&home);
    let files = [&certificate, &key].map(|path| path.to_str().unwrap().to_owned());
    let mail = free_port();
    let password = home.path().join("smtp.password");
    std::fs::write(&password, "wrong\n").unwrap();
    let more = [
        ("CAREHOOK__SMTP__CA", files[0].clone()),
        ("CAREHOOK__SMTP__USER", "carehook".to_owned()),
        ("CAREHOOK__SMTP__PASSWORD_FILE", password.to_str().unwrap().to_owned()),
    ];
    let mut story = setting(home, mail, &more);
    outage(&story);
    notice(&story, error("connect_refused"));
    let secured = [files[0].as_str(), files[1].as_str(), "carehook", "right"];
    let mut mailbox = Mailbox::open(mail, "starttls", &secured);
    notice(&story, error("smtp_auth_refused"));
    std::fs::write(&password, "right\n").unwrap();
    story.server.restart();
    let letter = mailbox.next();
    assert_eq!((&letter["tls"], &letter["user"]), (&json!(true), &json!("carehook")));
    notice(&story, |notice| notice["state"] == "sent");
}

#[test]
fn a_server_that_cannot_prove_itself_or_offers_no_tls_gets_no_letter() {
    let home = Home::new();
    let [certificate, key] = certificate(&home);
    let files = [&certificate, &key].map(|path| path.to_str().unwrap().to_owned());
    let mail = free_port();
    // Nobody trusts the certificate: the server's own is not among the machine's.
    let mut story = setting(home, mail, &[("CAREHOOK__SMTP__TLS", "implicit".to_owned())]);
    let mailbox = Mailbox::open(mail, "implicit", &[&files[0], &files[1]]);
    outage(&story);
    notice(&story, error("tls_untrusted"));
    drop(mailbox);
    story.server.set("CAREHOOK__SMTP__TLS", "starttls");
    let mailbox = Mailbox::open(mail, "plain", &[]);
    story.server.restart();
    notice(&story, error("smtp_no_tls"));
    drop(mailbox);
    story.server.set("CAREHOOK__SMTP__TLS", "implicit");
    story.server.set("CAREHOOK__SMTP__CA", files[0].clone().leak());
    let mut mailbox = Mailbox::open(mail, "implicit", &[&files[0], &files[1]]);
    story.server.restart();
    assert_eq!(mailbox.next()["tls"], true);
}

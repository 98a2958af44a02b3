//! MLLP over TLS, from the binary that sends to the binary that takes.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use serde_json::{Value, json};

use crate::harness::{Home, Setting, adt, free_port, until};

struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Authority { issuer: Issuer::new(params, key), pem }
    }

    /// A certificate of this name with its key, as PEM.
    fn sign(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }
}

/// A sender with its files.
struct Sender {
    home: Home,
    port: std::net::SocketAddr,
}

impl Sender {
    fn file(&self, name: &str, text: &[u8]) -> PathBuf {
        let path = self.home.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// `send-hl7` with a certificate of this authority and name, which trusts another.
    fn send(&self, number: &str, (authority, name): (&Authority, &str), trusted: &str) -> Output {
        let (certificate, key) = authority.sign(name);
        let files: [&Path; 4] = [
            &self.file("message.hl7", &adt("A01", number, "1001", "I")),
            &self.file("ca.pem", trusted.as_bytes()),
            &self.file("cert.pem", certificate.as_bytes()),
            &self.file("key.pem", key.as_bytes()),
        ];
        let [message, ca, cert, key] = files.map(|path| path.to_str().unwrap());
        let to = format!("localhost:{}", self.port.port());
        Command::new(env!("CARGO_BIN_EXE_carehook"))
            .args(["send-hl7", message, "--to", &to, "--tls", "--ca", ca, "--cert", cert, "--key", key])
            .output()
            .unwrap()
    }

    fn send_in_clear(&self, number: &str) -> Output {
        let message = self.file("message.hl7", &adt("A01", number, "1001", "I"));
        Command::new(env!("CARGO_BIN_EXE_carehook"))
            .args(["send-hl7", message.to_str().unwrap(), "--to", &self.port.to_string()])
            .output()
            .unwrap()
    }
}

#[test]
fn hostile_21_22_over_tls_the_right_sender_is_taken_and_all_others_are_told_of() {
    let story = Setting::new();
    let (authority, other) = (Authority::new(), Authority::new());
    let port = free_port();
    let (certificate, key) = authority.sign("localhost");
    let tls = json!({ "certificate": certificate, "privateKey": key, "clientCa": authority.pem,
        "clients": ["engine.north.test"], "minVersion": "1.3" });
    let integration =
        story.integration("hl7v2", &json!({ "mllp": { "listen": port.to_string(), "tls": tls } }));
    let sender = Sender { home: Home::new(), port };

    let sent = sender.send("1", (&authority, "engine.north.test"), &authority.pem);
    assert!(sent.status.success(), "{}", String::from_utf8_lossy(&sent.stderr));
    assert!(String::from_utf8(sent.stdout).unwrap().starts_with("AA"));

    assert!(!sender.send("2", (&authority, "engine.south.test"), &authority.pem).status.success());
    assert!(!sender.send("3", (&other, "engine.north.test"), &authority.pem).status.success());
    assert!(!sender.send("4", (&authority, "engine.north.test"), &other.pem).status.success());
    // Whether the answer to what is no TLS arrives before the end is up to the machine.
    let clear = sender.send_in_clear("5");
    assert!(!clear.status.success());
    let said = String::from_utf8(clear.stderr).unwrap();
    assert!(said.contains("hint: add --tls"), "{said}");

    let told = until("all four are told", || {
        let kept = story.api.all(&format!("/admin/rejections?integrationId={integration}"));
        let mut codes: Vec<Value> = kept.iter().map(|one| one["code"].clone()).collect();
        codes.sort_by_key(Value::to_string);
        if codes.len() == 4 { Ok(codes) } else { Err(format!("{codes:?}")) }
    });
    assert_eq!(told, ["certificate_not_allowed", "certificate_not_allowed", "tls_failed", "tls_failed"]);
    assert_eq!(story.raised(&integration).len(), 1);
}

#[test]
fn a_certificate_is_renewed_without_a_restart_and_its_key_is_never_told() {
    let story = Setting::new();
    let authority = Authority::new();
    let port = free_port();
    let (certificate, key) = authority.sign("localhost");
    let tls = json!({ "certificate": certificate, "privateKey": key, "clientCa": authority.pem });
    let integration =
        story.integration("hl7v2", &json!({ "mllp": { "listen": port.to_string(), "tls": tls } }));
    let sender = Sender { home: Home::new(), port };
    assert!(sender.send("1", (&authority, "a.test"), &authority.pem).status.success());

    let path = format!("/admin/integration/{integration}");
    let mut shown = story.api.get(&path).json(200);
    assert!(!shown.to_string().contains("PRIVATE"), "{shown}");
    assert!(shown["mllp"]["tls"]["notAfter"].is_string());
    let successor = Authority::new();
    let (certificate, key) = successor.sign("localhost");
    shown["mllp"]["tls"]["certificate"] = json!(certificate);
    let refused = story.api.put(&path, &shown).json(422);
    assert_eq!(refused["field"], "/mllp/tls/privateKey", "it is the key of the old one");
    shown["mllp"]["tls"]["privateKey"] = json!(key);
    story.api.put(&path, &shown).json(200);
    assert!(!sender.send("2", (&authority, "a.test"), &authority.pem).status.success());
    let sent = sender.send("3", (&authority, "a.test"), &successor.pem);
    assert!(sent.status.success(), "{}", String::from_utf8_lossy(&sent.stderr));
    assert_eq!(story.raised(&integration).len(), 2);
}

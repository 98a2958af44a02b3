use std::path::PathBuf;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use serde_json::json;

use crate::harness::{Home, Mllp, Obx, Oru, Reply, Server, Setting, Start, critical, free_port};

/// Where a canary was found: its name and the place.
type Leak = (String, PathBuf);

/// Every way in which a text may stand in a file.
fn forms(text: &str) -> Vec<Vec<u8>> {
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut forms =
        vec![text.as_bytes().to_vec(), text.to_lowercase().into_bytes(), hex.to_uppercase().into_bytes()];
    forms.push(hex.into_bytes());
    // UTF-16, as a careless dump would write it.
    forms.push(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
    // Within a longer text, base64 begins at one of three places; its ends depend on the neighbours.
    for lead in 0..3 {
        let padded = [vec![0; lead], text.as_bytes().to_vec()].concat();
        for encoded in [BASE64_STANDARD_NO_PAD.encode(&padded), BASE64_URL_SAFE_NO_PAD.encode(&padded)] {
            let sure = encoded.len() - if padded.len() % 3 == 0 { 0 } else { 1 };
            forms.push(encoded.as_bytes()[[0, 2, 3][lead]..sure].to_vec());
        }
    }
    forms
}

/// Looks for canaries in what was written.
fn leaks(canaries: &[(&str, String)], files: &[(PathBuf, Vec<u8>)]) -> Vec<Leak> {
    let mut found = Vec::new();
    // The reserve for a full disk is long and holds nothing.
    for (path, bytes) in files.iter().filter(|(_, bytes)| bytes.iter().any(|byte| *byte != 0)) {
        for (name, canary) in canaries {
            if forms(canary).iter().any(|form| is_in(bytes, form)) {
                found.push(((*name).to_owned(), path.clone()));
            }
        }
    }
    found
}

fn is_in(bytes: &[u8], form: &[u8]) -> bool {
    let (first, rest) = form.split_first().expect("no form is empty");
    let starts = bytes.iter().enumerate().filter(|(_, byte)| *byte == first);
    starts.into_iter().any(|(place, _)| bytes[place + 1..].starts_with(rest))
}

/// Everything that the server wrote down by itself.
fn written(home: &Home) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = home.data_files();
    files.push((home.log(), std::fs::read(home.log()).unwrap()));
    files
}

/// An MLLP port with TLS; a line of its private key.
fn secured_port(story: &Setting) -> String {
    let signed = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = signed.signing_key.serialize_pem();
    let tls = json!({ "certificate": signed.cert.pem(), "privateKey": key });
    story.integration("hl7v2", &json!({ "mllp": { "listen": free_port().to_string(), "tls": tls } }));
    key.lines().nth(1).unwrap().to_owned()
}

/// A server that logs all it can, and a life full of canaries.
fn full_life() -> (Setting, Vec<(&'static str, String)>) {
    let receiver = crate::harness::Receiver::start();
    let settings = vec![("CAREHOOK__LOG__FILTER", "trace")];
    let server = Server::start_with(Home::new(), Start { settings, ..Start::default() });
    let api = server.api();
    let story = Setting { receiver, server, api };
    let integration = story.events();
    let (_, port) = story.hl7v2();
    let private_key = secured_port(&story);
    let url = story.receiver.url("/hook/CANARYPATHTOKEN77?key=CANARYQUERYTOKEN77");
    let auth = json!({ "kind": "bearer", "token": "CANARYBEARERTOKEN77" });
    let hook = story.hook(&integration, &json!({ "url": url, "auth": auth, "sources": "*" }));
    story.receiver.answer({
        let mut asked = 0;
        move |_| {
            asked += 1;
            let said = vec![("x-note", "CANARYANSWER77".to_owned())];
            Reply::Status(if asked % 2 == 1 { 500 } else { 200 }, said)
        }
    });
    let mut event = critical("CANARYSENDERID77", "CANARYMRN77");
    event["data"]["note"] = json!("CANARYNOTE77 of the patient");
    story.accept(&integration, &event);
    let mut broken = event.clone();
    broken["type"] = json!("lab.result.critcal");
    story.send(&integration, &broken).is(422);
    story
        .api
        .send("POST", &format!("/ingest/{integration}/events"), &[], b"{\"id\":\"CANARYNOTE77")
        .unwrap()
        .is(400);
    let message = Oru::new("CANARYCONTROL77", "CANARYMRN77", &[Obx::potassium("6.9", "HH", "F")]).bytes();
    story.mllp(port, &message);
    Mllp::dial(port).unwrap().send(&message[..message.len() - 40]).unwrap();
    story.api.line().unwrap().write(b"POST /ingest HTTP/1.1\r\nhost: CANARYNOTE77\r\n").unwrap();
    let search = json!({ "subject": { "system": "urn:north:mrn", "id": "CANARYMRN77" } });
    assert_eq!(
        story.api.post("/admin/events/search", &search).json(200)["data"].as_array().unwrap().len(),
        1
    );
    story.until_settled(&hook);
    let secret = hook.secret.trim_start_matches("whsec_").to_owned();
    let key = std::fs::read_to_string(story.server.home.admin_key_file()).unwrap().trim().to_owned();
    let master = std::fs::read_to_string(story.server.home.key_file()).unwrap().trim().to_owned();
    let named = [
        ("path token", "CANARYPATHTOKEN77"),
        ("query token", "CANARYQUERYTOKEN77"),
        ("bearer token", "CANARYBEARERTOKEN77"),
        ("sender's id", "CANARYSENDERID77"),
        ("number of a patient", "CANARYMRN77"),
        ("note", "CANARYNOTE77"),
        ("MSH-10", "CANARYCONTROL77"),
        ("what a receiver answered", "CANARYANSWER77"),
    ];
    let mut canaries: Vec<(&str, String)> = named.map(|(name, text)| (name, text.to_owned())).to_vec();
    canaries.extend([("signing secret", secret), ("API key", key), ("master key", master)]);
    canaries.push(("private key of a port", private_key));
    (story, canaries)
}

#[test]
fn secrets_and_people_stand_in_no_file_no_log_and_no_metric() {
    let (mut story, canaries) = full_life();
    let mut files = written(&story.server.home);
    files.push((PathBuf::from("/metrics"), story.api.get("/metrics").body));
    assert_eq!(leaks(&canaries, &files), Vec::<Leak>::new(), "while it runs");
    story.server.kill();
    assert_eq!(leaks(&canaries, &written(&story.server.home)), Vec::<Leak>::new(), "after a kill");
    story.server.restart();
    story.server.stop();
    let files = written(&story.server.home);
    assert_eq!(leaks(&canaries, &files), Vec::<Leak>::new(), "after a stop");
    let log = String::from_utf8_lossy(&files.last().unwrap().1).into_owned();
    assert!(log.contains("DEBUG"), "the log really told all it could");

    // The search must be able to fail: a canary is planted in each form, in a file and in the log.
    for form in forms("CANARYMRN77") {
        let mut planted = files.clone();
        let last = planted.last_mut().unwrap();
        last.1.extend_from_slice(b"patient ");
        last.1.extend_from_slice(&form);
        assert_eq!(
            leaks(&canaries, &planted).len(),
            1,
            "a planted leak is found: {}",
            String::from_utf8_lossy(&form)
        );
    }
    let encoded = BASE64_STANDARD_NO_PAD.encode(r#"{"subject":{"id":"CANARYMRN77"}}"#);
    let planted = vec![(PathBuf::from("planted"), encoded.into_bytes())];
    assert_eq!(leaks(&canaries, &planted).len(), 1, "and within a longer base64 text");
}

#[test]
fn the_store_is_useless_without_its_key() {
    let mut story = Setting::new();
    let integration = story.events();
    story.accept(&integration, &critical("a", "1001"));
    story.server.stop();
    std::fs::remove_file(story.server.home.key_file()).unwrap();
    // --dev makes a new key where there is none: another one than the data was made with.
    story.server.spawn();
    assert_eq!(story.server.until_ended().code(), Some(1));
    assert!(story.server.home.log_tail().contains("master key"), "{}", story.server.home.log_tail());
}

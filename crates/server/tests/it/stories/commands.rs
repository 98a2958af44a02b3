//! The commands of the binary beside `serve`, as a new user calls them.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::harness::{Home, Reply, Setting, adt, free_port, run, until};

fn carehook(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carehook"));
    command.args(words);
    command
}

#[test]
fn a_demonstration_delivers_all_that_its_patients_are_owed_and_says_what_to_try() {
    let home = Home::new();
    let data = home.path().join("demo");
    let words = ["demo", "--journeys", "2", "--pace", "0s", "--seed", "7", "--data", data.to_str().unwrap()];
    let shown = carehook(&words).output().unwrap();
    let (out, notes) = (String::from_utf8(shown.stdout).unwrap(), String::from_utf8(shown.stderr).unwrap());
    // Its end is its own verdict: every delivery that was owed arrived, with a signature that fits.
    assert!(shown.status.success(), "{notes}");
    assert!(notes.contains("2 journeys"), "{notes}");
    let told = format!("{out}{notes}");
    for line in
        ["SYNTHETIC PATIENTS ONLY", "/signin", "HTTP ", "MLLP ", "carehook trigger", "lab.result.critical"]
    {
        assert!(told.contains(line), "{line}: {told}");
    }
}

#[test]
fn what_is_triggered_is_heard_by_who_listens_and_the_listener_leaves_nothing_behind() {
    let story = Setting::new();
    let integration = story.events();
    story.receiver.answer(|_| Reply::status(200));
    let forward = story.receiver.url("/forwarded");
    let mut listener =
        carehook(&["listen", "--types", "lab.*", "--forward-to", &forward, "--output", "json"])
            .env("CAREHOOK_URL", format!("http://{}", story.api.address))
            .env("CAREHOOK_KEY", story.api.key())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
    let hooks = format!("/admin/integration/{integration}/webhooks");
    let hooks = || story.api.get(&hooks).json(200).as_array().unwrap().len();
    until("the temporary webhook is there", || if hooks() == 1 { Ok(()) } else { Err("not yet") });
    run(
        &story.api,
        &["trigger", "lab.result.critical", "--patient", "TEST-9", "--override", "data.status=preliminary"],
    );
    let mut lines = BufReader::new(listener.stdout.take().unwrap()).lines();
    let heard: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(
        (&heard["body"]["type"], &heard["body"]["test"]),
        (&json!("lab.result.critical"), &json!(true))
    );
    let passed = story.receiver.wait_for(1).remove(0);
    assert_eq!(passed.json(), heard["body"], "what is passed on is what came");
    assert!(!passed.header("webhook-signature").is_empty());
    let asked = Command::new("kill").arg("-INT").arg(listener.id().to_string()).status().unwrap();
    assert!(asked.success() && listener.wait().unwrap().success());
    assert_eq!(hooks(), 0, "it removed its webhook");
}

#[test]
fn a_sender_sees_each_acknowledgement_and_its_exit_says_whether_all_was_taken() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    let home = Home::new();
    let file = |name: &str, bytes: &[u8]| {
        let path = home.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let good = file("good.hl7", &[adt("A01", "1", "1001", "I"), adt("A03", "2", "1001", "I")].concat());
    let bad = file("bad.hl7", b"MSH|^~\\&|A|B|C|D|20260101||ADT^A01|3|P|2.5\r");
    let send = |files: &[&str], to: &str| {
        let words = [&["send-hl7", "--to", to, "--output", "json"], files].concat();
        let sent = carehook(&words).output().unwrap();
        let told = String::from_utf8(sent.stdout).unwrap();
        let told: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (sent.status.code(), told)
    };
    let to = port.to_string();
    let (end, told) = send(&[&good, &bad], &to);
    let acks: Vec<(&str, &str)> =
        told.iter().map(|one| (one["controlId"].as_str().unwrap(), one["ack"].as_str().unwrap())).collect();
    assert_eq!(acks, [("1", "AA"), ("2", "AA"), ("3", "AE")]);
    assert_eq!(end, Some(1), "one was refused");
    assert!(told[2]["faults"][0].as_str().unwrap().contains("PID"), "{}", told[2]);
    assert_eq!(send(&[&good], &to).0, Some(0), "a repetition is acknowledged");
    assert!(story.raised(&integration).len() >= 2);
    assert_ne!(send(&[&good], &free_port().to_string()).0, Some(0), "nobody is there");
}

#[test]
fn what_was_given_up_is_listed_and_a_configuration_tells_every_fault_at_once() {
    let story = Setting::new();
    let listed: Value =
        serde_json::from_str(&run(&story.api, &["dlq", "list", "--output", "json"])).unwrap_or_default();
    assert!(listed.as_array().is_none_or(Vec::is_empty), "nothing was given up: {listed}");
    let home = Home::new();
    let config = home.path().join("carehook.toml");
    std::fs::write(&config, "[http]\nbind = 'nowhere'\n\n[nonsense]\nx = 1\n").unwrap();
    let checked = carehook(&["check", "--config", config.to_str().unwrap()]).output().unwrap();
    let told = format!(
        "{}{}",
        String::from_utf8(checked.stdout).unwrap(),
        String::from_utf8(checked.stderr).unwrap()
    );
    assert!(!checked.status.success(), "{told}");
    let page = carehook(&["explain", "certificate_not_allowed"]).output().unwrap();
    assert!(String::from_utf8(page.stdout).unwrap().contains("How to fix"));
}

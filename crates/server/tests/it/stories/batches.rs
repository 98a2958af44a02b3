//! Several HL7 v2 messages in one frame or body: each is taken, and answered, by itself.
//!
//! Numbers in names, such as `n24`, are those of the list of hostile input.

use hl7v2::mllp::frame;
use serde_json::json;

use crate::harness::{Answer, Mllp, Obx, Oru, Setting, adt};

const HEAD: &[u8] =
    b"FHS|^~\\&|LAB|NORTH|CAREHOOK|HUB|20260101||day||F7\rBHS|^~\\&|LAB|NORTH|CAREHOOK|HUB|20260101||||B7\r";

fn result(control: &str, processing: &'static str, flag: &'static str) -> Vec<u8> {
    let potassium = [Obx::potassium("6.90", flag, "F")];
    Oru { processing, ..Oru::new(control, &format!("P{control}"), &potassium) }.bytes()
}

/// What `POST /ingest/…/hl7v2` answers.
fn post(story: &Setting, integration: &str, body: &[u8]) -> Answer {
    let path = format!("/ingest/{integration}/hl7v2");
    story.api.send("POST", &path, &[("content-type", "application/hl7-v2")], body).unwrap()
}

fn verdict(line: &mut Mllp) -> (String, String) {
    let told = line.hear().unwrap();
    let (code, control) = told.verdict();
    (code.to_owned(), control.to_owned())
}

#[test]
fn hostile_24_two_messages_in_one_frame_are_two_and_each_hears_of_itself() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    let both = [result("q2", "P", "H"), adt("A03", "q3", "1001", "I")].concat();
    let mut line = Mllp::dial(port).unwrap();
    for round in ["new", "known"] {
        line.write(&frame(&both)).unwrap();
        assert_eq!(verdict(&mut line), ("AA".to_owned(), "q2".to_owned()), "{round}");
        assert_eq!(verdict(&mut line), ("AA".to_owned(), "q3".to_owned()), "{round}");
        let raised = story.raised(&integration);
        assert_eq!(raised.iter().filter(|name| *name == "encounter.discharged").count(), 1, "{raised:?}");
        assert_eq!(raised.iter().filter(|name| *name == "lab.result.abnormal").count(), 1, "{raised:?}");
    }
    let third = [result("q2", "P", "H"), adt("A03", "q4", "1002", "I")].concat();
    let told = post(&story, &integration, &third);
    assert_eq!(String::from_utf8_lossy(&told.body).matches("\rMSA|AA|q").count(), 2);
    let raised = story.raised(&integration);
    assert_eq!(raised.iter().filter(|name| *name == "encounter.discharged").count(), 2, "{raised:?}");
}

#[test]
fn t1_a_test_result_behind_a_live_one_in_the_same_frame_stays_a_test() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    let both = [result("live", "P", "N"), result("test", "T", "HH")].concat();
    let mut line = Mllp::dial(port).unwrap();
    line.write(&frame(&both)).unwrap();
    assert_eq!(verdict(&mut line).1, "live");
    assert_eq!(verdict(&mut line).1, "test");
    let listed = story.api.all(&format!("/admin/events?integrationId={integration}"));
    let critical: Vec<_> = listed.iter().filter(|event| event["type"] == "lab.result.critical").collect();
    assert_eq!(critical.len(), 1, "{listed:?}");
    assert_eq!(critical[0]["test"], true);
    assert!(listed.iter().any(|event| event["test"] == false), "and the live one is live: {listed:?}");
}

#[test]
fn hostile_24_a_batch_is_answered_by_a_batch_with_an_answer_to_each_message() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    let without_patient = b"MSH|^~\\&|ADT|NORTH|CAREHOOK|HUB|20260101||ADT^A08|b2|P|2.5.1\rEVN|A08\r";
    let trailer: &[u8] = b"BTS|3\rFTS|1\r";
    let batch =
        [HEAD, &adt("A01", "b1", "1001", "I"), without_patient, &adt("A01", "b3", "1003", "I"), trailer]
            .concat();
    let told = Mllp::dial(port).unwrap().send(&batch).unwrap();
    assert_eq!(told.verdicts(), [("AA", "b1"), ("AE", "b2"), ("AA", "b3")]);
    let around: Vec<&str> =
        told.0.split('\r').filter(|line| line.contains("HS|") || line.contains("TS|")).collect();
    assert!(around[0].starts_with("FHS|") && around[0].ends_with("|F7"), "{around:?}");
    assert!(around[1].starts_with("BHS|") && around[1].ends_with("|B7"), "{around:?}");
    assert_eq!(around[2..], ["BTS|3", "FTS|1"]);

    assert_eq!(story.raised(&integration).iter().filter(|name| *name == "encounter.admitted").count(), 2);
    let kept = story.api.all(&format!("/admin/rejections?integrationId={integration}"));
    assert_eq!(kept.len(), 1, "{kept:?}");
    let reveal = format!("/admin/rejections/{}/reveal", kept[0]["id"].as_str().unwrap());
    let shown = story.api.post(&reveal, &json!({ "reason": "the feed is broken" })).json(200);
    assert_eq!(shown["body"], *String::from_utf8_lossy(without_patient), "the part, and not its neighbours");

    let again = post(&story, &integration, &batch);
    assert_eq!((again.status, again.header("content-type")), (200, Some("application/hl7-v2")));
    let text = String::from_utf8_lossy(&again.body).into_owned();
    assert!(text.starts_with("FHS|") && text.ends_with("BTS|3\rFTS|1\r"), "{text}");
    assert_eq!(text.matches("\rMSA|").count(), 3, "{text}");
}

#[test]
fn hostile_24_a_batch_with_a_wrong_count_is_taken_and_what_is_amiss_is_told_and_kept() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    let batch = [HEAD, &adt("A01", "b1", "1001", "I"), b"BTS|2\rFTS|1\r"].concat();
    let told = Mllp::dial(port).unwrap().send(&batch).unwrap();
    assert_eq!(told.verdicts(), [("AA", "b1")]);
    assert!(told.0.contains("\rBTS|1|") && told.0.contains("count in the trailer is wrong"), "{}", told.0);
    let stray = [&adt("A01", "b2", "1002", "I"), &b"MSH\rPID|1||9999\r"[..]].concat();
    story.mllp(port, &stray);
    let kept = story.api.all(&format!("/admin/rejections?integrationId={integration}"));
    let codes: Vec<_> = kept.iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["unreadable_hl7", "invalid_field"]);
    assert!(kept[1]["reason"].as_str().unwrap().contains("count in the trailer is wrong"), "{kept:?}");
    assert_eq!(story.raised(&integration).iter().filter(|name| *name == "encounter.admitted").count(), 2);
}

#[test]
fn hostile_24_a_batch_that_asks_for_nothing_hears_nothing_and_one_that_asks_for_errors_hears_of_none() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    let asking = |control: &str, wishes: &str| {
        let text = String::from_utf8(adt("A01", control, control, "I")).unwrap();
        let text = text.replacen("|P|2.5.1\r", &format!("|P|2.5.1|||{wishes}\r"), 1).into_bytes();
        [HEAD, &text, b"BTS|1\rFTS|1\r"].concat()
    };
    let mut line = Mllp::dial(port).unwrap();
    line.write(&frame(&asking("silent", "NE|NE"))).unwrap();
    line.write(&frame(&asking("errors", "ER|NE"))).unwrap();
    let told = line.hear().unwrap();
    assert!(told.verdicts().is_empty() && told.0.ends_with("BTS|0\rFTS|1\r"), "{}", told.0);
    assert_eq!(story.raised(&integration).len(), 2);
}

#[test]
fn hostile_24_more_messages_than_one_frame_may_hold_are_refused_together() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    let many: Vec<u8> = (0..1_001).flat_map(|place| adt("A01", &format!("m{place}"), "1001", "I")).collect();
    let told = Mllp::dial(port).unwrap().send(&many).unwrap();
    assert_eq!(told.verdict(), ("AR", "m0"));
    assert_eq!(post(&story, &integration, &many).json(413)["code"], "body_too_large");
    assert!(story.raised(&integration).is_empty());
}

#[test]
fn hostile_25_an_acknowledgement_is_never_acknowledged() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    let answer = b"MSH|^~\\&|ADT|NORTH|CAREHOOK|HUB|20260101||ACK^A01|k1|P|2.5.1|||AL|AL\rMSA|AA|1\r";
    let mut line = Mllp::dial(port).unwrap();
    line.write(&frame(answer)).unwrap();
    line.write(&frame(&adt("A01", "k2", "1001", "I"))).unwrap();
    assert_eq!(
        verdict(&mut line),
        ("AA".to_owned(), "k2".to_owned()),
        "the first answer is that to the second"
    );
    let before = story.raised(&integration);
    assert_eq!(post(&story, &integration, answer).json(422)["code"], "not_supported");
    assert_eq!(story.raised(&integration), before, "what is refused is not taken");
    let mixed = [&answer[..], &adt("A01", "k3", "1003", "I")].concat();
    let told = post(&story, &integration, &mixed);
    assert_eq!(String::from_utf8_lossy(&told.body).matches("\rMSA|AA|k3").count(), 1);
}

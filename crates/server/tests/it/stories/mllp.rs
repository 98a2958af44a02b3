//! Peers that nobody knows, and messages that nobody would send: each comes to the end that it is promised.
//!
//! Numbers in names, such as `n17`, are those of the list of hostile input.

use hl7v2::mllp::frame;
use serde_json::{Value, json};

use crate::harness::{Mllp, Setting, adt, free_port, until};

#[track_caller]
fn rejected(story: &Setting, integration: &str) -> Vec<Value> {
    story.api.all(&format!("/admin/rejections?integrationId={integration}"))
}

/// An integration on a port, with what chooses it and who may send.
#[track_caller]
fn on_port(story: &Setting, port: std::net::SocketAddr, more: &Value) -> String {
    let mut mllp = json!({ "listen": port.to_string() });
    mllp.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    story.integration("hl7v2", &json!({ "mllp": mllp }))
}

/// A value of `/metrics`; 0 where nothing was counted.
fn counted(story: &Setting, line: &str) -> u64 {
    let page = String::from_utf8(story.api.get("/metrics").body).unwrap();
    let found = page.lines().find_map(|found| found.strip_prefix(line).map(str::trim));
    found.map_or(0, |number| number.parse().unwrap())
}

/// An admission with fields of MSH as they are.
fn admission(sender: &str, control: &str, wishes: &str) -> Vec<u8> {
    format!(
        "MSH|^~\\&|{sender}|CAREHOOK|HUB|20260101093000||ADT^A01|{control}|P|2.5.1|||{wishes}\r\
         PID|1||1001^^^NORTH^MR\rPV1|1|I|WARD^1^A||||||||||||||||V1^^^NORTH^VN\r"
    )
    .into_bytes()
}

#[test]
fn c10_of_a_peer_that_is_not_listed_not_a_byte_is_read_and_who_watches_sees_it() {
    let story = Setting::new();
    let port = free_port();
    let integration = on_port(&story, port, &json!({ "allow": ["10.0.0.0/8"] }));
    let mut line = Mllp::dial(port).unwrap();
    // Whether the bytes leave before the end is seen is up to the machine.
    line.write(&frame(&adt("A01", "1", "1001", "I"))).ok();
    assert!(line.hear().is_err(), "the connection is closed, without an answer");
    let kept = until("the rejection is listed", || {
        let kept = rejected(&story, &integration);
        if kept.is_empty() { Err("nothing") } else { Ok(kept) }
    });
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!((&kept[0]["code"], &kept[0]["peer"]), (&json!("peer_not_allowed"), &json!("127.0.0.1")));
    assert_eq!((&kept[0]["kept"], &kept[0]["bytes"]), (&json!("nothing"), &json!(0)));
    assert!(story.raised(&integration).is_empty());
    assert_eq!(counted(&story, "carehook_mllp_closed_total{reason=\"peer_not_allowed\"}"), 1);
}

#[test]
fn c10_on_a_shared_port_a_peer_sends_only_for_those_who_list_it() {
    let story = Setting::new();
    let port = free_port();
    let open = on_port(&story, port, &json!({ "allow": ["127.0.0.0/8"], "sendingApplication": "LAB" }));
    let closed = on_port(&story, port, &json!({ "allow": ["10.0.0.0/8"], "sendingApplication": "ADT" }));
    let told = Mllp::dial(port).unwrap().send(&admission("ADT|NORTH", "1", "")).unwrap();
    assert_eq!(told.verdict(), ("AR", "1"));
    let kept = rejected(&story, &closed);
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!((&kept[0]["code"], &kept[0]["kept"]), (&json!("peer_not_allowed"), &json!("nothing")));
    assert!(rejected(&story, &open).is_empty());
    story.mllp(port, &admission("LAB|NORTH", "2", ""));
    assert_eq!((story.raised(&open).len(), story.raised(&closed).len()), (1, 0));
}

#[test]
fn hostile_17_idle_connections_of_one_peer_shut_nobody_out() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    let mut sender = Mllp::dial(port).unwrap();
    assert_eq!(sender.send(&admission("A|B", "1", "")).unwrap().verdict().0, "AA");
    let _idle: Vec<Mllp> = (0..300).map(|_| Mllp::dial(port).unwrap()).collect();
    until("those that are too many are closed", || {
        let closed = counted(&story, "carehook_mllp_closed_total{reason=\"crowded\"}");
        if closed >= 45 { Ok(()) } else { Err(closed) }
    });
    assert_eq!(sender.send(&admission("A|B", "2", "")).unwrap().verdict().0, "AA", "a known sender stays");
    story.mllp(port, &admission("A|B", "3", ""));
    assert_eq!(story.raised(&integration).len(), 3);
}

#[test]
fn hostile_19_a_sender_that_left_before_its_answer_and_sends_again_made_one_event() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    let message = admission("A|B", "1", "");
    let mut line = Mllp::dial(port).unwrap();
    line.write(&frame(&message)).unwrap();
    drop(line);
    story.mllp(port, &message);
    assert_eq!(story.raised(&integration).len(), 1);
}

#[test]
fn hostile_20_who_does_not_speak_mllp_is_sent_away_and_the_port_goes_on() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    let noise: Vec<u8> = (0..=255).cycle().take(64 << 10).filter(|byte| *byte != 0x0b).collect();
    for stranger in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"GET / HTTP/1.1\r\nhost: x\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        &[0; 4096],
        &noise,
    ] {
        let mut line = Mllp::dial(port).unwrap();
        // The other end may close before all is written.
        line.write(stranger).ok();
        assert!(line.hear().is_err(), "{}", stranger[..4].escape_ascii());
    }
    story.mllp(port, &admission("A|B", "1", ""));
    assert_eq!(story.raised(&integration).len(), 1);
    assert_eq!(counted(&story, "carehook_mllp_closed_total{reason=\"not_mllp\"}"), 5);
}

#[test]
fn hostile_22_a_message_of_another_facility_is_never_taken_for_this_one() {
    let story = Setting::new();
    let port = free_port();
    let of = |facility: &str| on_port(&story, port, &json!({ "sendingFacility": facility }));
    let (north, south) = (of("NORTH"), of("SOUTH"));
    let mut line = Mllp::dial(port).unwrap();
    assert_eq!(line.send(&admission("ADT|NORTH", "1", "")).unwrap().verdict(), ("AA", "1"));
    assert_eq!(line.send(&admission("ADT|SOUTH", "2", "")).unwrap().verdict(), ("AA", "2"));
    assert_eq!(line.send(&admission("ADT|EAST", "3", "")).unwrap().verdict(), ("AR", "3"));
    assert_eq!((story.raised(&north).len(), story.raised(&south).len()), (1, 1));
    assert!(rejected(&story, &north).is_empty() && rejected(&story, &south).is_empty(), "it is nobody's");
}

#[test]
fn hostile_33_whatever_stands_in_msh_10_is_echoed_harmlessly_and_makes_one_event() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    let long = "9".repeat(199);
    let endless = "8".repeat(100_000);
    let hostile =
        ["12345678901234567890", &long, &endless, "../../etc/passwd", "a\0b", "a\nX-Evil: 1", "a\x0bb"];
    let mut line = Mllp::dial(port).unwrap();
    for control in hostile {
        for _ in 0..2 {
            let told = line.send(&admission("A|B", control, "")).unwrap();
            let segments: Vec<&str> = told.0.split('\r').filter(|line| !line.is_empty()).collect();
            let [head, verdict] = segments[..] else { panic!("two segments: {segments:?}") };
            assert!(head.starts_with("MSH|") && verdict.starts_with("MSA|AA|"), "{segments:?}");
            assert!(verdict.len() <= "MSA|AA|".len() + 199, "{}", verdict.len());
            assert!(verdict.bytes().all(|byte| byte >= b' '), "{verdict:?}");
        }
    }
    assert_eq!(story.raised(&integration).len(), hostile.len());
}

#[test]
fn r3_hostile_34_the_same_msh_10_is_known_with_the_same_body_and_marked_with_another() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    let flaws = |place: usize| {
        let listed = story.api.all(&format!("/admin/events?integrationId={integration}"));
        let lineage = story.lineage(listed[listed.len() - 1 - place]["id"].as_str().unwrap());
        lineage["message"]["flaws"].to_string()
    };
    story.mllp(port, &adt("A01", "same", "1001", "I"));
    story.mllp(port, &adt("A01", "same", "1001", "I"));
    assert_eq!(story.raised(&integration).len(), 1);
    assert!(!flaws(0).contains("conflict"), "{}", flaws(0));

    story.mllp(port, &adt("A01", "same", "2002", "I"));
    assert_eq!(story.raised(&integration).len(), 2, "another message, whatever its number");
    assert!(flaws(1).contains("conflict: MSH-10"), "{}", flaws(1));
    assert_eq!(counted(&story, "carehook_control_ids_reused_total"), 1);

    story.mllp(port, &adt("A01", "same", "2002", "I"));
    story.mllp(port, &adt("A01", "other", "3003", "I"));
    assert_eq!(story.raised(&integration).len(), 3);
    assert!(!flaws(2).contains("conflict"), "{}", flaws(2));
}

#[test]
fn hostile_37_each_sender_hears_as_its_msh_15_and_16_ask() {
    let story = Setting::new();
    let (_, port) = story.hl7v2();
    let bad = |control: &str, wishes: &str| {
        let text = String::from_utf8(admission("A|B", control, wishes)).unwrap();
        text.split_inclusive('\r').filter(|line| !line.starts_with("PID")).collect::<String>().into_bytes()
    };
    let mut line = Mllp::dial(port).unwrap();
    for (place, (wishes, good, refused)) in [
        ("", "AA", "AE"),
        ("AL|NE", "CA", "CE"),
        ("NE|AL", "AA", "AE"),
        ("AL|AL", "CA", "CE"),
        ("ER|NE", "", "CE"),
        ("SU|NE", "CA", ""),
        ("NE|NE", "", ""),
    ]
    .into_iter()
    .enumerate()
    {
        for (kind, message, expected) in [
            ("good", admission("A|B", &format!("g{place}"), wishes), good),
            ("bad", bad(&format!("b{place}"), wishes), refused),
        ] {
            line.write(&frame(&message)).unwrap();
            // What asks for nothing hears nothing: the next answer is that to the next message.
            let probe = format!("p{place}{kind}");
            line.write(&frame(&admission("A|B", &probe, ""))).unwrap();
            let mut heard = vec![line.hear().unwrap()];
            if !expected.is_empty() {
                heard.push(line.hear().unwrap());
            }
            let codes: Vec<&str> = heard.iter().map(|told| told.verdict().0).collect();
            let wanted: Vec<&str> = [expected, "AA"].into_iter().filter(|code| !code.is_empty()).collect();
            assert_eq!(codes, wanted, "{kind} {wishes:?}");
            assert_eq!(heard.last().unwrap().verdict().1, probe);
        }
    }
}

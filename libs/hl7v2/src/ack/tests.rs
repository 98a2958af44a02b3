use crate::Place;

use super::*;

#[track_caller]
fn check(reply: Option<Vec<u8>>, expected: &str) {
    let text = reply.map(|bytes| String::from_utf8(bytes).unwrap().replace('\r', "\n"));
    assert_eq!(text.as_deref().unwrap_or("none"), expected);
}

fn stamp() -> Stamp<'static> {
    Stamp { time: "20240301120001+0000".parse().unwrap(), control_id: "CH1" }
}

fn rejected() -> Verdict<'static> {
    Verdict::Rejected(Fault { code: ErrorCode::UnsupportedEventCode, location: None })
}

fn answer(message: &[u8], verdict: Verdict<'_>) -> Option<Vec<u8>> {
    let (message, _) = crate::parse(message).unwrap();
    reply(&message.header(), &verdict, &stamp())
}

#[test]
fn an_answer_goes_back_to_the_sender_in_its_own_delimiters() {
    check(
        answer(
            b"MSH|^~\\&|LAB^1.2^ISO|CLINIC|EHR|HOSP|20240301||ADT^A01^ADT_A01|42|T|2.5.1||||||8859/1\r",
            Verdict::Accepted,
        ),
        "MSH|^~\\&|EHR|HOSP|LAB^1.2^ISO|CLINIC|20240301120001+0000||ACK^A01^ACK|CH1|T|2.5.1||||||8859/1\nMSA|AA|42\n",
    );
    check(
        answer(b"MSH#*:!%#LAB*x#CLINIC#EHR#HOSP###ADT*A01#4*2#P#2.5\r", Verdict::Accepted),
        "MSH#*:!%#EHR#HOSP#LAB*x#CLINIC#20240301120001+0000##ACK*A01*ACK#CH1#P#2.5\nMSA#AA#4*2\n",
    );
    // A dot as a delimiter would part the version and the time.
    check(
        answer(b"MSH|.~\\&|LAB.x|CLINIC|EHR|HOSP|||ADT.A01|4|P|2\r", Verdict::Accepted),
        "MSH|^~\\&|EHR|HOSP|LAB|CLINIC|20240301120001+0000||ACK^A01^ACK|CH1|P|2\nMSA|AA|4\n",
    );
    check(
        answer(b"MSH|", Verdict::Accepted),
        "MSH|^~\\&|||||20240301120001+0000||ACK^^ACK|CH1|P|2.5.1\nMSA|AA\n",
    );
}

#[test]
fn a_refusal_names_the_fault_as_the_version_asks() {
    let place = Some(Place::parse("3[2].4.1").unwrap());
    let location = Some(Location { segment: "PID", occurrence: 1, place });
    let error = Verdict::Error(Fault { code: ErrorCode::RequiredFieldMissing, location });
    check(
        answer(b"MSH|^~\\&|||||||ADT^A01|42|P|2.5.1\r", error),
        "MSH|^~\\&|||||20240301120001+0000||ACK^A01^ACK|CH1|P|2.5.1\nMSA|AE|42\n\
         ERR||PID^1^3^2^4^1|101^Required field missing^HL70357|E\n",
    );
    check(
        answer(b"MSH|^~\\&|||||||ADT^A01|42|P|2.3\r", error),
        "MSH|^~\\&|||||20240301120001+0000||ACK^A01^ACK|CH1|P|2.3\nMSA|AE|42\n\
         ERR|PID^1^3^101&Required field missing&HL70357\n",
    );
    check(
        answer(b"MSH|^~\\&|||||||ADT^A01|42|P|banana\r", rejected()),
        "MSH|^~\\&|||||20240301120001+0000||ACK^A01^ACK|CH1|P|2.5.1\nMSA|AR|42\n\
         ERR|||201^Unsupported event code^HL70357|E\n",
    );
}

#[test]
fn msh_15_and_16_choose_the_mode() {
    let code = |wishes: &str, verdict| {
        let message = format!("MSH|^~\\&|||||||ADT^A01|42|P|2.5.1|||{wishes}\r");
        let reply = answer(message.as_bytes(), verdict)?;
        let text = String::from_utf8(reply).unwrap();
        text.split("MSA|").nth(1)?.split('|').next().map(str::to_owned)
    };
    for (wishes, accepted, refused) in [
        ("", Some("AA"), Some("AR")),
        ("AL|NE", Some("CA"), Some("CR")),
        ("AL|AL", Some("CA"), Some("CR")),
        ("NE|NE", None, None),
        ("NE|AL", Some("AA"), Some("AR")),
        ("|AL", Some("AA"), Some("AR")),
        ("AL|", Some("CA"), Some("CR")),
        ("ER|NE", None, Some("CR")),
        ("SU|NE", Some("CA"), None),
        ("ER|SU", Some("AA"), Some("CR")),
        ("XX|NE", Some("CA"), Some("CR")),
    ] {
        assert_eq!(code(wishes, Verdict::Accepted).as_deref(), accepted, "{wishes}");
        assert_eq!(code(wishes, rejected()).as_deref(), refused, "{wishes}");
    }
    let (message, _) = crate::parse(b"MSH|^~\\&|||||||ADT^A01|42|P|2.5.1|||NE|NE\r").unwrap();
    check(
        reply_always(&message.header(), &Verdict::Accepted, &stamp()),
        "MSH|^~\\&|||||20240301120001+0000||ACK^A01^ACK|CH1|P|2.5.1\nMSA|AA|42\n",
    );
}

#[test]
fn an_acknowledgement_is_never_acknowledged() {
    for ack in ["ACK", "ACK^A01^ACK", "ack", "MCF"] {
        for wishes in ["", "AL|AL"] {
            let text = format!("MSH|^~\\&|||||||{ack}|1|P|2.5.1|||{wishes}\rMSA|AA|42\r");
            let (message, _) = crate::parse(text.as_bytes()).unwrap();
            assert_eq!(reply(&message.header(), &rejected(), &stamp()), None);
            assert_eq!(reply_always(&message.header(), &rejected(), &stamp()), None);
        }
    }
    assert_eq!(answer(b"MSH|^~\\&|||||||RSP^K22|1|P|2.5.1\rMSA|AA|42\r", Verdict::Accepted), None);
    assert!(answer(b"MSH|^~\\&|||||||RSP^K22|1|P|2.5.1|||AL|NE\rMSA|AA|42\r", Verdict::Accepted).is_some());
}

#[test]
fn a_hostile_control_id_stays_inside_its_field() {
    let echoed = |id: &[u8]| {
        let message = [b"MSH|^~\\&|||||||ADT^A01|".as_slice(), id, b"|P|2.5.1\rPID|1\r"].concat();
        let bytes = answer(&message, Verdict::Accepted).unwrap();
        let (answer, flaws) = crate::parse(&bytes).unwrap();
        assert_eq!(flaws, []);
        assert_eq!(answer.segments().map(|segment| segment.name()).collect::<Vec<_>>(), ["MSH", "MSA"]);
        assert!(bytes.iter().all(|byte| *byte >= b' ' || *byte == b'\r'));
        answer.segment("MSA").unwrap().field(2).raw().to_vec()
    };
    assert_eq!(echoed(b"../../etc"), b"../../etc");
    assert_eq!(echoed(b"a^b&c~d"), b"a^b&c~d");
    assert_eq!(echoed(b"a\\F\\b"), b"a\\F\\b");
    assert_eq!(echoed(b"a\x00b\x0bc\x1c"), b"a\\X00\\b\\X0B\\c\\X1C\\");
    assert_eq!(echoed(&[b'7'; 199]), [b'7'; 199]);
    assert_eq!(echoed(&[b'7'; 100_000]), [b'7'; 199]);
    assert_eq!(echoed("é\u{1}".as_bytes()), b"?\\X01\\");
}

#[test]
fn a_control_id_with_a_segment_end_is_cut_by_the_parser_and_not_echoed() {
    check(answer(b"MSH|^~\\&|||||||ADT^A01|4\rMSA|AA|9\r", Verdict::Accepted), "none");
    check(
        answer(b"MSH|^~\\&|||||||ADT^A01|4\nX: y\r", Verdict::Accepted),
        "MSH|^~\\&|||||20240301120001+0000||ACK^A01^ACK|CH1|P|2.5.1\nMSA|AA|4\n",
    );
}

fn answer_batch(bytes: &[u8]) -> String {
    let batch = crate::batch::split(bytes);
    let answers: Vec<Option<Vec<u8>>> =
        batch.messages.iter().map(|message| answer(message, Verdict::Accepted)).collect();
    let answers: Vec<Option<&[u8]>> = answers.iter().map(Option::as_deref).collect();
    String::from_utf8(reply_to_batch(&batch, &answers, &stamp())).unwrap().replace('\r', "\n")
}

#[test]
fn a_batch_is_answered_by_a_batch_that_names_it() {
    assert_eq!(
        answer_batch(
            b"FHS|^~\\&|LAB|A|HUB|B|2024||day||F1\rBHS|^~\\&|LAB|A|HUB|B|2024||||B1\r\
              MSH|^~\\&|LAB|A|HUB|B|||ADT^A01|1|P|2.5\rMSH|^~\\&|LAB|A|HUB|B|||ADT^A01|2|P|2.5|||NE|NE\r\
              BTS|3\rFTS|1\r"
        ),
        "FHS|^~\\&|HUB|B|LAB|A|20240301120001+0000||||CH1|F1\n\
         BHS|^~\\&|HUB|B|LAB|A|20240301120001+0000||||CH1|B1\n\
         MSH|^~\\&|HUB|B|LAB|A|20240301120001+0000||ACK^A01^ACK|CH1|P|2.5\nMSA|AA|1\n\
         BTS|1|segment 5, field 1: count in the trailer is wrong\nFTS|1\n"
    );
}

#[test]
fn an_answering_batch_has_a_section_for_each_of_the_batch() {
    let told = answer_batch(
        b"BHS#*:!%#LAB#A#HUB#B#2024####B*1\rMSH|^~\\&|||||||ADT^A01|1|P|2.5\rBTS#1\r\
          MSH|^~\\&|||||||ADT^A01|2|P|2.5\r",
    );
    let kept: Vec<&str> = told.lines().filter(|line| !line.starts_with("MSH")).collect();
    assert_eq!(
        kept,
        [
            "BHS#*:!%#HUB#B#LAB#A#20240301120001+0000####CH1#B*1",
            "MSA|AA|1",
            "BTS#1",
            "BHS#*:!%#HUB#B#LAB#A#20240301120001+0000####CH1",
            "MSA|AA|2",
            "BTS#1",
        ]
    );
}

#[test]
fn who_wants_errors_only_is_known() {
    let asks = |message: &[u8]| asks_for_errors(&crate::parse(message).unwrap().0.header());
    assert!(asks(b"MSH|^~\\&|||||||ADT^A01|1|P|2.5|||ER|NE\r"));
    assert!(asks(b"MSH|^~\\&|||||||ADT^A01|1|P|2.5|||NE|ER\r"));
    assert!(!asks(b"MSH|^~\\&|||||||ADT^A01|1|P|2.5\r"));
    assert!(!asks(b"MSH|^~\\&|||||||ACK|1|P|2.5|||ER|ER\r"));
}

use std::borrow::Cow;

use hl7v2::{Charset, FlawKind, Value, parse, parse_assuming};

fn text(value: &str) -> Value<'_> {
    Value::Text(Cow::Borrowed(value))
}

#[test]
fn absent_empty_and_delete_are_three_things() {
    let (message, _) =
        parse(b"MSH|^~\\&|||||||A|1|P|2\rPID||\"\"|a^^\"\"^b&c~d^e|Smith & Sons|^x\r").unwrap();
    for (path, expected) in [
        ("PID-1", Value::Empty),
        ("PID-2", Value::Delete),
        ("PID-2.1.1", Value::Delete),
        ("PID-2.2", Value::Absent),
        ("PID-3", text("a")),
        ("PID-3.1", text("a")),
        ("PID-3.2", Value::Empty),
        ("PID-3.3", Value::Delete),
        ("PID-3.4", text("b")),
        ("PID-3.4.2", text("c")),
        ("PID-3.4.3", Value::Absent),
        ("PID-3.5", Value::Absent),
        ("PID-3[2]", text("d")),
        ("PID-3[2].2", text("e")),
        ("PID-3[3]", Value::Absent),
        ("PID-5", Value::Empty),
        ("PID-5.2", text("x")),
        ("PID-6", Value::Absent),
        ("PID[2]-1", Value::Absent),
        ("PV1-1", Value::Absent),
        ("nonsense", Value::Absent),
        ("MSH-1", text("|")),
        ("MSH-2.1", text("^~\\&")),
    ] {
        assert_eq!(message.value(path), expected, "{path}");
    }
    let patient = message.segment("PID").unwrap();
    assert_eq!(patient.field(4).text(), "Smith & Sons");
    assert_eq!(patient.value_at("3[2].2"), text("e"));
    assert!(patient.field(0).is_absent() && patient.field(3).repetition(0).is_absent());
    assert_eq!(patient.field(3).repetitions().count(), 2);
    assert_eq!(patient.field(9).repetitions().count(), 0);
}

/// What a name reads as under a declared character set, and what is said about it.
#[track_caller]
fn check(charset: &str, name: &[u8], expected: &str, flaw: Option<FlawKind>) {
    let header = format!("MSH|^~\\&|||||||A|1|P|2||||||{charset}\rPID|");
    let bytes = [header.as_bytes(), name, b"|next\r"].concat();
    let (message, flaws) = parse(&bytes).expect("a header");
    assert_eq!(message.value("PID-1").as_str(), Some(expected), "{charset}");
    assert_eq!(message.value("PID-2").as_str(), Some("next"), "{charset}");
    assert_eq!(message.part(&"PID-1".parse().expect("a path")).raw(), name);
    assert_eq!(flaws.iter().map(|flaw| flaw.kind).collect::<Vec<_>>(), flaw.into_iter().collect::<Vec<_>>());
}

#[test]
fn hostile_38_39_bytes_are_read_as_declared_and_misfits_are_told() {
    check("", "Müller".as_bytes(), "Müller", None); // 38
    check("ASCII", "Müller".as_bytes(), "Müller", None);
    check("8859/1", b"M\xfcller", "Müller", None);
    check("8859/1", "ü".as_bytes(), "Ã¼", Some(FlawKind::SuspectCharset));
    check("ASCII", b"M\xfcller", "M\u{fffd}ller", Some(FlawKind::InvalidBytes));
    check("UNICODE UTF-8", b"M\xfcller", "M\u{fffd}ller", Some(FlawKind::InvalidBytes));
    check("UNICODE UTF-16", "ü".as_bytes(), "ü", Some(FlawKind::UnknownCharset));
    check("KLINGON", "ü".as_bytes(), "ü", Some(FlawKind::UnknownCharset));
    check("BIG-5", b"\xa4|\xb3\\F\\", "弋許F\\", Some(FlawKind::UnterminatedEscape));
    check("GB 18030-2000", b"\xd5\xc5\x81|", "张亅", None);
    check("~ISO IR87", b"\x1b$B;3ED\x1b(B", "山田", None);
    for invalid in [&b"\xc0\x80"[..], b"\xed\xa0\x80", b"\xf5", b"\x80", b"\xe2\x82"] {
        let (message, _) = parse(b"MSH|^~\\&|\r").unwrap();
        assert!(message.charset().decode(invalid).contains('\u{fffd}')); // 39
        assert!(!message.charset().fits(invalid));
    }
}

#[test]
fn an_integration_may_know_what_its_sender_does_not_say() {
    let latin = Charset::named("8859/1").unwrap();
    let (message, flaws) = parse_assuming(b"MSH|^~\\&|||||||A|1|P|2\rPID|\xfc\r", latin).unwrap();
    assert_eq!((message.value("PID-1").as_str(), flaws.len()), (Some("ü"), 0));
    let declared = b"MSH|^~\\&|||||||A|1|P|2||||||UNICODE UTF-8\rPID|\xc3\xbc\r";
    let (message, _) = parse_assuming(declared, latin).unwrap();
    assert_eq!(message.value("PID-1").as_str(), Some("ü"));
}

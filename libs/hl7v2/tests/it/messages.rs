use hl7v2::{FlawKind, NoHeader, Processing, parse};

/// The names of the segments and the flaws of a message.
#[track_caller]
fn check(bytes: &[u8], segments: &[&str], expected: &[&str]) {
    let (message, flaws) = parse(bytes).expect("a header");
    assert_eq!(message.segments().map(|segment| segment.name()).collect::<Vec<_>>(), segments);
    assert_eq!(flaws.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
    assert_eq!(message.to_bytes(), bytes);
}

#[test]
fn hostile_26_28_29_38_without_a_readable_header_there_is_no_message() {
    for (bytes, reason) in [
        (&b""[..], NoHeader::Missing), // 26
        (b"PID|1\r", NoHeader::Missing),
        (b" MSH|^~\\&|\r", NoHeader::Missing),
        (b"MSH", NoHeader::TooShort), // 28
        (b"PID|1\rMSH\r", NoHeader::TooShort),
        (b"MSHA^~\\&A\r", NoHeader::FieldSeparator), // 29
        (b"MSH\0^~\\&\0\r", NoHeader::FieldSeparator),
        (b"MSH ^~\\& x\r", NoHeader::FieldSeparator),
        (b"\xff\xfeM\0S\0H\0|\0", NoHeader::Utf16), // 38
        (b"M\0S\0H\0|\0", NoHeader::Utf16),
    ] {
        assert_eq!(parse(bytes).err(), Some(reason), "{}", bytes.escape_ascii());
    }
}

#[test]
fn hostile_24_27_29_32_38_40_41_49_odd_messages_are_read_and_their_oddities_told() {
    check(b"MSH|^~\\&|||||||A|1|P|2\rPID|1\r", &["MSH", "PID"], &[]);
    check(
        b"\xef\xbb\xbfMSH|^~\\&|||||||A|1|P|2\n\nPID|1", // 38, 49
        &["MSH", "PID"],
        &[
            "starts with a byte order mark",
            "segments end with a line feed",
            "blank line",
            "last segment has no end",
        ],
    );
    check(
        b"MSH|^~\\&|||||||A|1|P|2\r\nPID|1\rPV1|\n",
        &["MSH", "PID", "PV1"],
        &["segments end with a line feed"],
    );
    check(b"\r\nMSH|^~\\&|||||||A|1|P|2\r", &["MSH"], &["blank line", "segments end with a line feed"]);
    check(b"msh|^~\\&|||||||A|1|P|2\r", &["msh"], &["segment 1: MSH is not in capitals"]); // 27
    check(
        b"MSH|||||\r", // 29, 32
        &["MSH"],
        &[
            "segment 1, field 2: encoding characters are not usable as they are",
            "segment 1, field 9: required header field is empty",
            "segment 1, field 10: required header field is empty",
            "segment 1, field 12: required header field is empty",
        ],
    );
    check(
        b"MSH|^~\\&|||||||A|1|P|2\rpid|1\rPI\rPIDX|\rZP1|\r1AB|\r\xfcAB|\r", // 41
        &["MSH", "pid", "PI", "PIDX", "ZP1", "1AB", ""],
        &[
            "segment 2: unusual segment name",
            "segment 3: unusual segment name",
            "segment 4: unusual segment name",
            "segment 6: unusual segment name",
            "segment 7: unusual segment name",
        ],
    );
    check(
        b"PID|1\rMSH|^~\\&|||||||A|1|P|2\rMSH|^~\\&|\r",
        &["PID", "MSH", "MSH"],
        &["segment 1: segment before MSH", "segment 3: second MSH"],
    );
    check(
        b"FHS|^~\\&\rMSH|^~\\&|||||||A|1|P|2\rFTS|1\r", // 24
        &["FHS", "MSH", "FTS"],
        &[
            "segment 1: batch header or trailer inside a message",
            "segment 3: batch header or trailer inside a message",
        ],
    );
    check(
        b"MSH|^~\\&|||||||A|1|P|2\rNTE|1||two\nlines\r",
        &["MSH", "NTE"],
        &["segment 2: line feed inside a value"],
    );
    check(
        b"MSH|^~\\&|||||||A|1|P|2\rNTE|1||\\Q\\|\\X4\\|\\C2842\\|cut\\\r", // 40
        &["MSH", "NTE"],
        &[
            "segment 2, field 3: unknown escape sequence",
            "segment 2, field 4: hex escape sequence is malformed",
            "segment 2, field 5: escape sequence switches the character set",
            "segment 2, field 6: escape sequence has no end",
        ],
    );
}

#[test]
fn hostile_11_segments_that_end_with_lf_or_crlf_are_the_same_segments() {
    let with = |end: &str| format!("MSH|^~\\&|||||||A|1|P|2{end}PID|1||7{end}OBX|1|TX|||a{end}");
    for end in ["\r", "\n", "\r\n"] {
        let text = with(end);
        let (message, _) = parse(text.as_bytes()).unwrap();
        assert_eq!(message.segments().count(), 3, "{end:?}");
        assert_eq!(message.value("PID-3").as_str(), Some("7"));
        assert_eq!(message.value("OBX-5").as_str(), Some("a"));
    }
}

#[test]
fn hostile_30_encoding_characters_of_any_number_are_read_or_repaired_and_told() {
    let odd = "segment 1, field 2: encoding characters are not usable as they are";
    for (encoding, is_odd) in
        [("^", false), ("^~", false), ("^~\\", false), ("^~\\&", false), ("^~\\&#", false)]
            .into_iter()
            .chain([("^^\\&", true), ("^~^~", true), ("|~\\&", true)])
    {
        let text = format!("MSH|{encoding}|LAB^x||||||A^B|1|P|2\r");
        let (message, flaws) = parse(text.as_bytes()).unwrap();
        let told: Vec<String> = flaws.iter().map(ToString::to_string).collect();
        assert_eq!(told.iter().any(|flaw| flaw == odd), is_odd, "{encoding}: {told:?}");
        assert_eq!(message.to_bytes(), text.as_bytes());
    }
}

#[test]
fn hostile_31_a_message_says_itself_how_it_is_separated() {
    let (message, flaws) = parse(b"MSH#*:!%#LAB*2#A##B###ORU*R01#1#P#2.5\rPID#1##7*x:8*y\r").unwrap();
    assert!(flaws.is_empty(), "{flaws:?}");
    assert_eq!(message.value("MSH-9.2").as_str(), Some("R01"));
    assert_eq!(message.value("PID-3[2].2").as_str(), Some("y"));
}

#[test]
fn flaws_are_counted_up_to_a_hundred() {
    let bytes = [b"MSH|^~\\&|||||||A|1|P|2\r".to_vec(), b"x\r".repeat(100_000)].concat();
    let (message, flaws) = parse(&bytes).unwrap();
    assert_eq!((message.segments().count(), flaws.len()), (100_001, 101));
    assert_eq!(flaws.last().unwrap().kind, FlawKind::More);
}

#[test]
fn hostile_35_36_the_header_tells_kind_and_mode() {
    let (message, _) =
        parse(b"MSH|^~\\&|A^1|B|C|D|2024||ORU^R01^ORU_R01|42|T^A|2.5.1^USA\rEVN|A08|\r").unwrap();
    let header = message.header();
    assert_eq!(header.segment().field(1).value().as_str(), Some("|"));
    assert_eq!(header.segment().field(2).value().as_str(), Some("^~\\&"));
    assert_eq!(header.sending_application().component(2).raw(), b"1");
    assert_eq!(header.trigger_event().raw(), b"R01");
    assert_eq!(header.structure().raw(), b"ORU_R01");
    assert_eq!(header.processing(), Processing::Training); // 35
    assert_eq!(header.version().raw(), b"2.5.1"); // 36
    assert_eq!(message.value("MSH-9.2").as_str(), Some("R01"));
}

#[test]
fn groups_keep_an_order_and_its_results_together() {
    let text = b"MSH|^~\\&|||||||A|1|P|2\rPID|1\rORC|1\rOBR|1\rNTE|1\rOBX|1\rOBX|2\rOBR|2\rOBX|3\rOBR|3\rORC|4\rOBR|4\r";
    let (message, _) = parse(text).unwrap();
    let starts = ["ORC", "OBR"];
    let groups: Vec<String> = message
        .groups(&starts)
        .map(|group| group.segments().map(|segment| segment.name()).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(groups, ["ORC OBR NTE OBX OBX", "OBR OBX", "OBR", "ORC OBR"]);
    let last = message.groups(&["OBR"]).nth(1).unwrap();
    assert_eq!(last.value("OBX-1").as_str(), Some("3"));
    assert_eq!(message.value("OBX[3]-1").as_str(), Some("3"));
    assert_eq!(message.segment("OBX").unwrap().index(), 5);
}

#[test]
fn hostile_50_a_message_cut_anywhere_is_read_as_far_as_it_goes() {
    let whole = b"\xef\xbb\xbfMSH|^~\\&|LAB|C|E|H|2024||ORU^R01|1|P|2.5||||||8859/1\rOBX|1|TX|a\\.br\\b||\xfc\\X41\\\r"; // 50
    for end in 0..whole.len() {
        match parse(&whole[..end]) {
            Ok((message, flaws)) => {
                assert_eq!(message.to_bytes(), whole[..end]);
                assert!(flaws.iter().any(|flaw| flaw.kind != FlawKind::ByteOrderMark), "{end}");
            }
            Err(_) => assert!(end < 7),
        }
    }
}

#[test]
fn hostile_40_41_a_million_parts_are_walked_in_a_moment() {
    let many = |part: &str| {
        let parts = part.repeat(1_000_000);
        [b"MSH|^~\\&|||||||A|1|P|2\rZZZ|", parts.as_bytes(), b"\r"].concat()
    };
    let read = |bytes: &[u8], count: fn(hl7v2::Segment<'_>) -> usize| {
        let (message, _) = parse(bytes).unwrap();
        count(message.segment("ZZZ").unwrap())
    };
    assert_eq!(read(&many("a~"), |segment| segment.field(1).repetitions().count()), 1_000_001);
    assert_eq!(read(&many("a^"), |segment| segment.field(1).components().count()), 1_000_001);
    assert_eq!(read(&many("a&"), |segment| segment.field(1).subcomponents().count()), 1_000_001);
    assert_eq!(read(&many("|"), |segment| segment.fields().count()), 1_000_001);
    assert_eq!(read(&many("\\E\\"), |segment| segment.field(1).text().len()), 1_000_000);
    assert_eq!(read(&many("QUJDRA=="), |segment| segment.field(1).raw().len()), 8_000_000);
    assert_eq!(parse(&many("\r")).unwrap().0.segments().count(), 2);
}

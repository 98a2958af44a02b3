use hl7v2::{Delimiters, Part, Value, escape, fuzz, parse};
use proptest::prelude::*;

/// Bytes that mean something to a parser, more often than not.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        &b"\r"[..],
        b"\n",
        b"\r\n",
        b"|",
        b"^",
        b"~",
        b"\\",
        b"&",
        b"#",
        b"MSH|^~\\&|",
        b"MSH#*:!%#",
        b"msh",
        b"PID|",
        b"BHS|^~\\&",
        b"BTS|2",
        b"FTS|",
        b"\"\"",
        b"\\F\\",
        b"\\X41\\",
        b"\\.sp9\\",
        b"a",
        b"\xc3\xa4",
        b"\xfc",
        b"\0",
        b"\x0b",
        b"\x1c\r",
        b"\x1c",
        b"||||||8859/1",
        b"|||||||A^B|1|P|2||||||BIG-5",
        b"\x1b$B",
        b"\xef\xbb\xbf",
    ]);
    let start = prop::sample::select(vec![
        &b""[..],
        b"MSH|^~\\&|",
        b"\xef\xbb\xbfMSH|^~\\&#|",
        b"MSH#*:!%#",
        b"\x0b",
    ]);
    (start, prop::collection::vec(piece, 0..40))
        .prop_map(|(start, pieces)| [start, &pieces.concat()].concat())
}

/// A field put together again from its smallest parts.
fn rejoin(field: Part<'_>, delimiters: &Delimiters) -> Vec<u8> {
    let join = |parts: Vec<Vec<u8>>, by: Option<u8>| parts.join(by.as_slice());
    let component = |part: Part<'_>| {
        join(part.subcomponents().map(|part| part.raw().to_vec()).collect(), delimiters.subcomponent())
    };
    let repetition =
        |part: Part<'_>| join(part.components().map(component).collect(), delimiters.component());
    join(field.repetitions().map(repetition).collect(), delimiters.repetition())
}

proptest! {
    #[test]
    fn parts_put_together_again_are_the_message(bytes in hostile()) {
        if let Ok((message, _)) = parse(&bytes) {
            prop_assert_eq!(&message.to_bytes(), &bytes);
            let delimiters = message.delimiters();
            for segment in message.segments() {
                let is_header = ["MSH", "msh", "BHS", "FHS"].iter().any(|name| segment.raw().starts_with(name.as_bytes()));
                let name = segment.raw().split(|byte| *byte == delimiters.field()).next().unwrap();
                let mut written = name.to_vec();
                for (_, field) in segment.fields().skip(usize::from(is_header)) {
                    written.push(delimiters.field());
                    written.extend(rejoin(field, &delimiters));
                }
                // A header with other delimiters than the message's, or cut before MSH-1, is not in question.
                if !is_header || segment.field(1).raw() == [delimiters.field()] {
                    prop_assert_eq!(written, segment.raw());
                }
            }
        }
    }

    #[test]
    fn no_bytes_break_a_promise(bytes in hostile(), noise in prop::collection::vec(any::<u8>(), 0..200)) {
        for bytes in [&bytes, &noise] {
            fuzz::parse(bytes);
            fuzz::escape(bytes);
            fuzz::timestamp(bytes);
            fuzz::mllp(bytes);
        }
    }

    #[test]
    fn a_value_that_is_written_is_read_back(text in r#"([\|^~\\&"\r\n]|.){1,30}"#) {
        let field = escape(&text, &Delimiters::STANDARD);
        let bytes = format!("MSH|^~\\&|||||||A|1|P|2\rZZZ|{field}|{field}&{field}^{field}\r");
        let (message, flaws) = parse(bytes.as_bytes()).unwrap();
        prop_assert_eq!(flaws, []);
        for path in ["ZZZ-1", "ZZZ-2", "ZZZ-2.1.2", "ZZZ-2.2"] {
            prop_assert_eq!(message.value(path), Value::Text(text.as_str().into()));
        }
    }

    #[test]
    fn frames_come_back_from_any_pieces(bodies in prop::collection::vec("[a-z\\r\x1c]{1,20}[a-z]", 1..5), piece in 1..9_usize) {
        let bodies: Vec<Vec<u8>> = bodies.into_iter().map(|body| body.replace("\x1c\r", "x").into_bytes()).collect();
        let stream: Vec<u8> = bodies.iter().flat_map(|body| hl7v2::mllp::frame(body)).collect();
        let mut decoder = hl7v2::mllp::Decoder::new(100);
        let mut read = Vec::new();
        for piece in stream.chunks(piece) {
            decoder.push(piece);
            read.extend(decoder.by_ref());
        }
        prop_assert_eq!(read, bodies.into_iter().map(hl7v2::mllp::Event::Frame).collect::<Vec<_>>());
    }
}

//! Entry points for fuzzers; `cargo test` replays the corpora.
//!
//! Each takes any bytes and panics when a promise of this crate is broken.

use crate::ack::{ErrorCode, Fault, Stamp, Verdict};
use crate::mllp::{Decoder, Event};
use crate::timestamp::Timestamp;
use crate::{Charset, Delimiters, Message, Part, batch};

/// Reading keeps every byte, every part can be visited, and an answer is one message.
pub fn parse(bytes: &[u8]) {
    let batch = batch::split(bytes);
    answer_all(&batch);
    for message in batch.messages {
        if let Ok((message, _)) = crate::parse(message) {
            assert_eq!(message.to_bytes(), message.raw(), "writing gives what was read");
            message.segments().flat_map(|segment| segment.fields()).for_each(|(_, field)| visit(field));
            answer(&message);
        }
    }
}

/// Decoding never grows, and what was decoded can be written and decoded again.
pub fn escape(bytes: &[u8]) {
    for name in ["", "8859/1", "BIG-5", "GB 18030-2000", "ISO IR87", "SHIFTJIS"] {
        let charset = Charset::named(name).expect("these sets are supported");
        let text = crate::unescape(bytes, &Delimiters::STANDARD, charset);
        assert!(text.chars().count() <= bytes.len(), "no amplification");
        let written = crate::escape(&text, &Delimiters::STANDARD);
        assert_eq!(crate::unescape(written.as_bytes(), &Delimiters::STANDARD, Charset::UTF_8), text);
    }
}

/// A timestamp that was read is written and read as the same.
pub fn timestamp(bytes: &[u8]) {
    let read = std::str::from_utf8(bytes).ok().and_then(|text| Timestamp::parse(text).ok());
    if let Some(timestamp) = read {
        assert_eq!(Timestamp::parse(&timestamp.to_string()), Ok(timestamp));
    }
}

/// However the bytes are cut into pieces, the frames are the same, bounded, and come to an end.
pub fn mllp(bytes: &[u8]) {
    let whole = frames(std::iter::once(bytes));
    assert_eq!(whole, frames(bytes.chunks(1)));
    assert_eq!(whole, frames(bytes.chunks(7)));
}

fn visit(field: Part<'_>) {
    for repetition in field.repetitions() {
        for component in repetition.components() {
            component.subcomponents().for_each(|part| drop(part.value()));
        }
    }
    assert!(field.is_absent() || field.repetition(1).raw().len() <= field.raw().len());
}

fn answer(message: &Message<'_>) {
    let stamp = Stamp { time: Timestamp::parse("2024").expect("a year is a time"), control_id: "1" };
    let fault = Fault { code: ErrorCode::InternalError, location: None };
    if let Some(reply) = crate::ack::reply_always(&message.header(), &Verdict::Error(fault), &stamp) {
        let (reply, _) = crate::parse(&reply).expect("an answer has a header");
        let names: Vec<_> = reply.segments().map(|segment| segment.name()).collect();
        assert_eq!(names, ["MSH", "MSA", "ERR"]);
        assert!(reply.header().is_acknowledgement());
    }
}

fn answer_all(batch: &batch::Batch<'_>) {
    let stamp = Stamp { time: Timestamp::parse("2024").expect("a year is a time"), control_id: "1" };
    let answers: Vec<Vec<u8>> = batch
        .messages
        .iter()
        .filter_map(|message| crate::parse(message).ok())
        .filter_map(|(message, _)| crate::ack::reply_always(&message.header(), &Verdict::Accepted, &stamp))
        .collect();
    let places: Vec<Option<&[u8]>> = answers.iter().map(|answer| Some(answer.as_slice())).collect();
    if batch.is_enveloped && !places.is_empty() && places.len() == batch.messages.len() {
        let reply = crate::ack::reply_to_batch(batch, &places, &stamp);
        let read = batch::split(&reply);
        assert_eq!(read.messages, answers, "every answer can be read, and nothing else");
        assert!(read.flaws.is_empty(), "the headers and trailers fit");
    }
}

fn frames<'a>(chunks: impl Iterator<Item = &'a [u8]>) -> Vec<Event> {
    let mut decoder = Decoder::new(FRAME_LIMIT);
    let mut events = Vec::new();
    for chunk in chunks {
        decoder.push(chunk);
        events.extend(decoder.by_ref());
    }
    events.extend(decoder.finish());
    events.extend(decoder.by_ref());
    // How noise is told depends on the pieces.
    events.retain(|event| !matches!(event, Event::Noise { .. }));
    let is_bounded = |event: &Event| !matches!(event, Event::Frame(body) if body.len() > FRAME_LIMIT);
    assert!(events.iter().all(is_bounded));
    events
}

const FRAME_LIMIT: usize = 1024;

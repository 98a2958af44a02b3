//! Acknowledgements: who asked for one, in which mode, and how it is written.
//!
//! An answer is ASCII but for what it echoes, carries nothing of the message
//! but its addresses, id, trigger and version, and is never given to an ACK.

mod batch; // What answers a batch.
mod pen; // How an answer is written.

pub use batch::{asks_for_errors, reply_to_batch};
use pen::Pen;

use crate::timestamp::Timestamp;
use crate::{Header, Path, Place, Processing, Wish};

/// Answers a message as its sender asks: in original mode when MSH-15 and MSH-16 are empty, else in enhanced mode.
///
/// In enhanced mode MSH-15 asks for a receipt (`CA`, `CE`, `CR`), and without one
/// MSH-16 for an answer of the application (`AA`, `AE`, `AR`). `None` when nothing
/// is asked for, for an ACK, and in original mode for any answer with an MSA.
pub fn reply(header: &Header<'_>, verdict: &Verdict<'_>, stamp: &Stamp<'_>) -> Option<Vec<u8>> {
    if header.is_acknowledgement() {
        return None;
    }
    let mode = match (header.accept_wish(), header.application_wish()) {
        (Wish::Absent, Wish::Absent) => (!header.is_answer()).then_some(Mode::Original),
        (accept, _) if is_wanted(accept, verdict) => Some(Mode::Accept),
        (_, application) if is_wanted(application, verdict) => {
            (!header.is_answer()).then_some(Mode::Application)
        }
        _ => None,
    };
    mode.map(|mode| write(header, verdict, stamp, mode))
}

/// Answers with `AA`, `AE` or `AR` whatever MSH-15 and MSH-16 say; `None` for an ACK.
pub fn reply_always(header: &Header<'_>, verdict: &Verdict<'_>, stamp: &Stamp<'_>) -> Option<Vec<u8>> {
    (!header.is_acknowledgement()).then(|| write(header, verdict, stamp, Mode::Original))
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict<'a> {
    Accepted,
    /// `AE` or `CE`: something in or around the message keeps it from being taken.
    Error(Fault<'a>),
    /// `AR` or `CR`: its kind, version or form is not taken at all.
    Rejected(Fault<'a>),
}

/// Why a message is not accepted, for the ERR segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault<'a> {
    pub code: ErrorCode,
    pub location: Option<Location<'a>>,
}

/// Where a fault is: a segment, and perhaps a place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location<'a> {
    pub segment: &'a str,
    /// Which segment of that name, from 1.
    pub occurrence: usize,
    pub place: Option<Place>,
}

impl<'a> From<&'a Path> for Location<'a> {
    fn from(path: &'a Path) -> Location<'a> {
        Location { segment: &path.segment, occurrence: path.occurrence, place: Some(path.place) }
    }
}

/// HL7 table 0357.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    SegmentSequence,
    RequiredFieldMissing,
    DataType,
    TableValueNotFound,
    UnsupportedMessageType,
    UnsupportedEventCode,
    UnsupportedProcessingId,
    UnsupportedVersionId,
    UnknownKey,
    DuplicateKey,
    RecordLocked,
    InternalError,
}

impl ErrorCode {
    pub fn number(self) -> u16 {
        self.entry().0
    }

    pub fn text(self) -> &'static str {
        self.entry().1
    }

    fn entry(self) -> (u16, &'static str) {
        match self {
            ErrorCode::SegmentSequence => (100, "Segment sequence error"),
            ErrorCode::RequiredFieldMissing => (101, "Required field missing"),
            ErrorCode::DataType => (102, "Data type error"),
            ErrorCode::TableValueNotFound => (103, "Table value not found"),
            ErrorCode::UnsupportedMessageType => (200, "Unsupported message type"),
            ErrorCode::UnsupportedEventCode => (201, "Unsupported event code"),
            ErrorCode::UnsupportedProcessingId => (202, "Unsupported processing id"),
            ErrorCode::UnsupportedVersionId => (203, "Unsupported version id"),
            ErrorCode::UnknownKey => (204, "Unknown key identifier"),
            ErrorCode::DuplicateKey => (205, "Duplicate key identifier"),
            ErrorCode::RecordLocked => (206, "Application record locked"),
            ErrorCode::InternalError => (207, "Application internal error"),
        }
    }
}

/// When the answer is given and its own control id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp<'a> {
    pub time: Timestamp,
    pub control_id: &'a str,
}

/// Which acknowledgement an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Original,
    /// The receipt of enhanced mode.
    Accept,
    /// The answer of the application in enhanced mode.
    Application,
}

/// HL7 v2.5.1 §2.9.2: in enhanced mode an empty wish means never.
fn is_wanted(wish: Wish, verdict: &Verdict<'_>) -> bool {
    match wish {
        Wish::Always => true,
        Wish::OnSuccess => *verdict == Verdict::Accepted,
        Wish::OnError => *verdict != Verdict::Accepted,
        Wish::Never | Wish::Absent => false,
    }
}

fn write(header: &Header<'_>, verdict: &Verdict<'_>, stamp: &Stamp<'_>, mode: Mode) -> Vec<u8> {
    let pen = Pen::new(header);
    let (letter, fault) = match verdict {
        Verdict::Accepted => ('A', None),
        Verdict::Error(fault) => ('E', Some(fault)),
        Verdict::Rejected(fault) => ('R', Some(fault)),
    };
    let level = if mode == Mode::Accept { 'C' } else { 'A' };
    let code = format!("{level}{letter}").into_bytes();
    let mut answer = pen.segment("MSH", &write_header(&pen, header, stamp, mode));
    answer.extend(pen.segment("MSA", &[code, pen.echo(header.control_id(), CONTROL_ID_MAX)]));
    if let Some(fault) = fault {
        answer.extend(pen.segment("ERR", &write_fault(&pen, fault, version(header))));
    }
    answer
}

/// MSH-2 to MSH-18, to and from exchanged.
fn write_header(pen: &Pen, header: &Header<'_>, stamp: &Stamp<'_>, mode: Mode) -> Vec<Vec<u8>> {
    let trigger = header.trigger_event().raw();
    let is_trigger = trigger.len() <= 4 && trigger.iter().all(u8::is_ascii_alphanumeric);
    let trigger = std::str::from_utf8(trigger).ok().filter(|_| is_trigger).unwrap_or_default();
    let processing: &[u8] = match header.processing() {
        Processing::Training => b"T",
        Processing::Debugging => b"D",
        Processing::Production | Processing::Absent | Processing::Other => b"P",
    };
    // An enhanced answer says itself that it wants none.
    let wish: &[u8] = if mode == Mode::Original { b"" } else { b"NE" };
    vec![
        pen.encoding_characters(),
        pen.echo(header.receiving_application(), ADDRESS_MAX),
        pen.echo(header.receiving_facility(), ADDRESS_MAX),
        pen.echo(header.sending_application(), ADDRESS_MAX),
        pen.echo(header.sending_facility(), ADDRESS_MAX),
        stamp.time.to_string().into_bytes(),
        Vec::new(),
        pen.components(&["ACK", trigger, "ACK"]),
        pen.bounded(stamp.control_id, CONTROL_ID_MAX),
        processing.to_vec(),
        version(header).unwrap_or(VERSION).as_bytes().to_vec(),
        Vec::new(),
        Vec::new(),
        wish.to_vec(),
        wish.to_vec(),
        Vec::new(),
        pen.charset(header),
    ]
}

/// ERR-2 to ERR-4 since v2.5, ERR-1 before.
fn write_fault(pen: &Pen, fault: &Fault<'_>, version: Option<&str>) -> Vec<Vec<u8>> {
    let number = fault.code.number().to_string();
    let location = fault.location.map(|location| location.steps()).unwrap_or_default();
    let steps: Vec<&str> = location.iter().map(String::as_str).collect();
    if version.is_some_and(is_before_2_5) {
        let code = pen.subcomponents(&[&number, fault.code.text(), "HL70357"]);
        let mut place: Vec<Vec<u8>> =
            (0..3).map(|at| pen.text(steps.get(at).copied().unwrap_or_default())).collect();
        place.push(code);
        return vec![place.join(&pen.component())];
    }
    let code = pen.components(&[&number, fault.code.text(), "HL70357"]);
    vec![Vec::new(), pen.components(&steps), code, b"E".to_vec()]
}

impl Location<'_> {
    /// ERL: segment, its number, field, repetition, component, subcomponent.
    fn steps(&self) -> Vec<String> {
        let segment: String = self.segment.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
        let mut steps = vec![segment, self.occurrence.to_string()];
        if let Some(place) = self.place {
            steps.push(place.field.to_string());
            let has_more = place.repetition > 1 || place.component.is_some();
            steps.extend(has_more.then(|| place.repetition.to_string()));
            steps.extend(place.component.map(|step| step.to_string()));
            steps.extend(place.subcomponent.map(|step| step.to_string()));
        }
        steps
    }
}

/// MSH-12.1 when it looks like a version.
fn version<'a>(header: &Header<'a>) -> Option<&'a str> {
    let text = std::str::from_utf8(header.version().raw()).ok()?;
    let is_version = text.len() <= 8 && text.split('.').all(|step| step.parse::<u8>().is_ok());
    is_version.then_some(text)
}

fn is_before_2_5(version: &str) -> bool {
    let steps: Vec<u8> = version.split('.').filter_map(|step| step.parse().ok()).collect();
    steps.as_slice() < [2, 5].as_slice()
}

/// MSH-10 since v2.7 (20 before).
const CONTROL_ID_MAX: usize = 199;
/// HD of v2.7.
const ADDRESS_MAX: usize = 227;
/// Said where the sender says none that can be read.
const VERSION: &str = "2.5.1";

#[cfg(test)]
mod tests;

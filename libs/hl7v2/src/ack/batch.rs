use super::pen::Pen;
use super::{ADDRESS_MAX, CONTROL_ID_MAX, Stamp};
use crate::batch::Batch;
use crate::parse::MARK;
use crate::part::Coding;
use crate::{Charset, Delimiters, Header, Segment, Wish};

/// Whether a message wants to hear of errors only: an answering batch without it says that there are none.
///
/// HL7 v2.5.1 §2.10.3.3 and §2.9.2.
pub fn asks_for_errors(header: &Header<'_>) -> bool {
    let wishes = [header.accept_wish(), header.application_wish()];
    !header.is_acknowledgement() && wishes.contains(&Wish::OnError)
}

/// The batch that answers a batch: in each place where that has one, a header or trailer;
/// between them the answers to its messages, in order. HL7 v2.5.1 §2.10.3.3.
///
/// `answers` has a place for each message, with nothing where it asks for none.
/// BHS-12 and FHS-12 name the batch and the file that are answered; a trailer whose
/// batch has a flaw says so in its comment.
pub fn reply_to_batch(batch: &Batch<'_>, answers: &[Option<&[u8]>], stamp: &Stamp<'_>) -> Vec<u8> {
    let writer = Writer::new(batch, stamp);
    let mut reply = batch.file.map(|file| writer.begin("FHS", Some(file))).unwrap_or_default();
    for (place, section) in batch.sections.iter().enumerate() {
        let end = batch.sections.get(place + 1).map_or(answers.len(), |next| next.first);
        let own = answers.get(section.first..end).unwrap_or_default();
        reply.extend(writer.section(section.header, own, place + 1 == batch.sections.len()));
    }
    if batch.file.is_some() {
        reply.extend(writer.end("FTS", batch.sections.len(), Vec::new()));
    }
    reply
}

struct Writer<'a> {
    stamp: &'a Stamp<'a>,
    /// Who is answered where a header is missing; trailers are in its delimiters.
    sender: Header<'a>,
    comment: Vec<u8>,
}

impl<'a> Writer<'a> {
    fn new(batch: &Batch<'a>, stamp: &'a Stamp<'a>) -> Writer<'a> {
        let headers = batch.sections.iter().map(|section| section.header);
        let lines = std::iter::once(batch.file).chain(headers).chain([batch.messages.first().copied()]);
        let sender = lines.flatten().find_map(read).unwrap_or_else(|| header(b"MSH", Delimiters::STANDARD));
        let flaw = batch.flaws.first().map(ToString::to_string).unwrap_or_default();
        let comment = Pen::new(&sender).bounded(&flaw, COMMENT_MAX);
        Writer { stamp, sender, comment }
    }

    fn section(&self, own: Option<&[u8]>, answers: &[Option<&[u8]>], is_last: bool) -> Vec<u8> {
        let mut reply = self.begin("BHS", own);
        let given: Vec<&[u8]> = answers.iter().flatten().copied().collect();
        given.iter().for_each(|answer| reply.extend_from_slice(answer));
        let comment = if is_last { self.comment.clone() } else { Vec::new() };
        reply.extend(self.end("BTS", given.len(), comment));
        reply
    }

    /// FHS or BHS, to and from exchanged; it names the one that it answers.
    fn begin(&self, name: &str, answered: Option<&[u8]>) -> Vec<u8> {
        let answered = answered.and_then(read);
        let header = answered.unwrap_or(self.sender);
        let pen = Pen::new(&header);
        let reference = answered.map(|header| pen.echo(header.segment().field(11), CONTROL_ID_MAX));
        let fields = [
            pen.encoding_characters(),
            pen.echo(header.receiving_application(), ADDRESS_MAX),
            pen.echo(header.receiving_facility(), ADDRESS_MAX),
            pen.echo(header.sending_application(), ADDRESS_MAX),
            pen.echo(header.sending_facility(), ADDRESS_MAX),
            self.stamp.time.to_string().into_bytes(),
            Vec::new(),
            Vec::new(),
            Vec::new(),
            pen.bounded(self.stamp.control_id, CONTROL_ID_MAX),
            reference.unwrap_or_default(),
        ];
        pen.segment(name, &fields)
    }

    fn end(&self, name: &str, count: usize, comment: Vec<u8>) -> Vec<u8> {
        Pen::new(&self.sender).segment(name, &[count.to_string().into_bytes(), comment])
    }
}

/// The header that bytes begin with, if it says how it is separated.
fn read(bytes: &[u8]) -> Option<Header<'_>> {
    let text = bytes.strip_prefix(MARK).unwrap_or(bytes);
    let line = text.split(|byte| matches!(byte, b'\r' | b'\n')).next()?;
    Delimiters::of_header(line).ok().map(|(delimiters, _)| header(line, delimiters))
}

/// FHS, BHS and MSH say in the same places who sends to whom.
fn header(line: &[u8], delimiters: Delimiters) -> Header<'_> {
    Header::new(Segment::new(line, 0, Coding { delimiters, charset: Charset::default() }), false)
}

/// ST of a comment: enough for one sentence.
const COMMENT_MAX: usize = 80;

//! What one MLLP frame or HTTP body holds: a message, several in a row, or a batch.
//!
//! Each message is taken by itself, with its own MSH-10, MSH-11 and acknowledgement:
//! two messages taken as one would be mapped in part and acknowledged in whole.

use hl7v2::FlawKind;
use hl7v2::ack::{Stamp, asks_for_errors, reply_to_batch};
use hl7v2::batch::Batch;
use model::{Code, Problem, limits};

/// Takes a frame or body apart.
///
/// # Errors
/// [`Code::UnreadableHl7`] if it holds no message, [`Code::BodyTooLarge`] if it holds too many.
pub(crate) fn part(bytes: &[u8]) -> Result<Batch<'_>, Problem> {
    let batch = hl7v2::batch::split(bytes);
    if batch.messages.is_empty() {
        return Err(unreadable());
    }
    if batch.messages.len() > limits::HL7_MESSAGES {
        let most = limits::HL7_MESSAGES;
        let detail = format!("One frame or body holds at most {most} messages.");
        return Err(Problem::new(Code::BodyTooLarge, detail).fix("Send the batch in several parts."));
    }
    Ok(batch)
}

/// Bytes without a readable MSH.
pub(crate) fn unreadable() -> Problem {
    Problem::from(Code::UnreadableHl7)
        .fix("A message begins with MSH and its delimiters, such as MSH|^~\\&|.")
}

/// What of a frame or body belongs to no message or does not fit its count, and the bytes around the messages.
///
/// The messages are taken all the same: the sender may have lost one, not these.
pub(crate) fn amiss(batch: &Batch<'_>) -> Option<(Problem, Vec<u8>)> {
    let first = batch.flaws.first()?;
    let has_strays = batch.flaws.iter().any(|flaw| flaw.kind == FlawKind::OutsideMessage);
    let code = if has_strays { Code::UnreadableHl7 } else { Code::InvalidField };
    let detail = format!("Its messages were taken; of what is around them, this is amiss: {first}.");
    Some((Problem::new(code, detail), batch.envelope.concat()))
}

/// The answers to a frame or body: one for each message in a row, one batch for a batch that asks for it.
pub(crate) fn answer(batch: &Batch<'_>, answers: Vec<Option<Vec<u8>>>, stamp: &Stamp<'_>) -> Vec<Vec<u8>> {
    if !batch.is_enveloped {
        return answers.into_iter().flatten().collect();
    }
    let asks = |message: &&[u8]| hl7v2::parse(message).is_ok_and(|(read, _)| asks_for_errors(&read.header()));
    if answers.iter().all(Option::is_none) && !batch.messages.iter().any(asks) {
        return Vec::new();
    }
    let answers: Vec<Option<&[u8]>> = answers.iter().map(Option::as_deref).collect();
    vec![reply_to_batch(batch, &answers, stamp)]
}

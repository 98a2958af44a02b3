//! `carehook send-hl7`: messages over MLLP, and what was said to them.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use model::limits;
use serde_json::json;

use super::mllp::{self, Answer, Wire};
use super::out::{self, Shape};
use super::{End, Misuse, block_on};
use crate::client::Secured;

/// Send HL7 v2 messages over MLLP and print the acknowledgements.
///
/// A file may hold one message, several in a row, or a batch (FHS, BHS). Ends
/// with exit code 1 if any was refused or not answered within 30 s.
#[derive(Debug, Args)]
pub(crate) struct SendHl7 {
    /// Files with messages; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The MLLP port
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:2575")]
    to: String,
    /// Speak TLS
    #[arg(long)]
    tls: bool,
    /// Certificates, as PEM, to trust instead of the machine's
    #[arg(long, value_name = "FILE", requires = "tls")]
    ca: Option<PathBuf>,
    /// The certificate to show, as PEM
    #[arg(long, value_name = "FILE", requires = "tls", requires = "key")]
    cert: Option<PathBuf>,
    /// Its key, as PEM
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    #[command(flatten)]
    shape: Shape,
}

impl SendHl7 {
    pub(crate) fn run(self) -> anyhow::Result<End> {
        let files: Vec<(String, Vec<u8>)> =
            self.files.iter().map(|path| read(path)).collect::<Result<_, _>>()?;
        let own = self.cert.as_deref().zip(self.key.as_deref());
        let secured = self.tls.then(|| Secured::read(self.ca.as_deref(), own)).transpose();
        let secured = secured.map_err(|error| Misuse::error(format!("{error:#}")))?;
        block_on(self.send(files, secured))
    }

    async fn send(self, files: Vec<(String, Vec<u8>)>, secured: Option<Secured>) -> anyhow::Result<End> {
        let mut wire = match Wire::open(&self.to, secured.as_ref()).await {
            Ok(wire) => wire,
            Err(error) => {
                out::note(&format!("error: cannot reach {}: {error:#}", self.to));
                return Ok(End::Unreachable);
            }
        };
        let mut all_good = true;
        for (name, bytes) in &files {
            for message in hl7v2::batch::split(bytes).messages {
                let answer = wire.send(message).await.with_context(|| name.clone())?;
                all_good &= answer.is_good();
                self.tell(name, &mllp::control_id(message), &answer)?;
            }
        }
        Ok(End::well_if(all_good))
    }

    fn tell(&self, file: &str, id: &str, answer: &Answer) -> anyhow::Result<()> {
        let Answer { code, faults, took } = answer;
        let ms = took.as_millis();
        let text = || {
            let faults: String = faults.iter().map(|fault| format!("\n    {fault}")).collect();
            format!("{code}  {id}  {file}  {ms} ms  {}{faults}", meaning(code))
        };
        let json =
            || json!({ "file": file, "controlId": id, "ack": code, "faults": faults, "ms": ms as u64 });
        self.shape.print(text, json)
    }
}

fn meaning(code: &str) -> &'static str {
    match code {
        "AA" | "CA" => "accepted",
        "AE" | "CE" => "error: correct it or send it again",
        "AR" | "CR" => "rejected: not taken as it is",
        "-" => "sent; the message asks for no answer",
        _ => "not an acknowledgement of HL7 table 0008",
    }
}

fn read(path: &Path) -> anyhow::Result<(String, Vec<u8>)> {
    let limit = u64::try_from(limits::HL7_MESSAGE_BYTES)?.saturating_mul(64);
    let mut bytes = Vec::new();
    let cannot = |error| Misuse::error(format!("cannot read {}: {error}", path.display()));
    if path == Path::new("-") {
        std::io::stdin().take(limit).read_to_end(&mut bytes).map_err(cannot)?;
    } else {
        std::fs::File::open(path)
            .and_then(|file| file.take(limit).read_to_end(&mut bytes))
            .map_err(cannot)?;
    }
    let bytes = with_returns(bytes);
    if hl7v2::batch::split(&bytes).messages.is_empty() {
        return Err(Misuse::error(format!("{} holds no HL7 v2 message", path.display())));
    }
    Ok((path.display().to_string(), bytes))
}

// Editors end lines with LF; on the wire a segment ends with CR (HL7 v2.5.1 §2.5.1).
fn with_returns(bytes: Vec<u8>) -> Vec<u8> {
    let mut fresh = Vec::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'\n' if fresh.last() == Some(&b'\r') => {}
            b'\n' => fresh.push(b'\r'),
            other => fresh.push(other),
        }
    }
    fresh
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_end_with_a_return_however_the_file_was_written() {
        for text in ["MSH|a\rPID|b\r", "MSH|a\nPID|b\n", "MSH|a\r\nPID|b\r\n"] {
            assert_eq!(with_returns(text.into()), b"MSH|a\rPID|b\r", "{text:?}");
        }
    }
}

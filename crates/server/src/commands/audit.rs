//! `carehook audit`: whether the audit log is as it was written, and the log itself.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use audit::{Anchor, Head, Row, Verifier};
use clap::{Args, Subcommand};
use serde_json::json;

use super::audit_export::Export;
use super::out::{self, Output, Shape};
use super::settings::Settings;
use super::{End, Misuse, block_on};
use crate::base::Base;
use crate::wire;

/// Check the audit log, or print it.
#[derive(Subcommand)]
pub(crate) enum Audit {
    /// Check every row of the audit log; exit code 1 at the first that was tampered with
    Verify(Verify),
    /// Print the audit log of a running server as FHIR R4 `AuditEvents`, one JSON document in a line
    Export(Export),
}

impl Audit {
    pub(crate) fn run(self) -> anyhow::Result<End> {
        match self {
            Audit::Verify(verify) => block_on(verify.run()),
            Audit::Export(export) => export.run(),
        }
    }
}

/// Check every row of the audit log.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The data directory; no server may run on it
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The file with the master key
    #[arg(long, value_name = "FILE")]
    key_file: PathBuf,
    /// The head of the chain, as the server wrote it [default: beside the master key]
    #[arg(long, value_name = "FILE")]
    audit_anchor: Option<PathBuf>,
    #[command(flatten)]
    shape: Shape,
}

/// That a data directory holds a store: opening one that is not there would make it.
pub(super) fn is_store(data: &Path) -> anyhow::Result<()> {
    let is_there = std::fs::read_dir(data).is_ok_and(|mut files| files.next().is_some());
    if is_there { Ok(()) } else { Err(Misuse::error(format!("there is no store in {}", data.display()))) }
}

impl Verify {
    async fn run(self) -> anyhow::Result<End> {
        is_store(&self.data)?;
        let config = Settings::of_store(&self.data, &self.key_file, self.audit_anchor.as_deref()).load()?;
        // The anchor first: opening the store may append to the chain.
        let path = wire::anchor_path(&config);
        let text = read_anchor(&path, self.audit_anchor.is_some())?;
        let base = Box::pin(Base::open(&config)).await?;
        let key = base.audit_key();
        let anchor = text.map(|text| Anchor::from_text(&text, key.expose()));
        let anchor =
            anchor.transpose().with_context(|| format!("{} is no anchor of this log", path.display()))?;
        self.verify(&base, key.expose(), anchor).await
    }

    async fn verify(&self, base: &Base, key: &[u8; 32], anchor: Option<Anchor>) -> anyhow::Result<End> {
        let from = base.sqlite.audit_base().await.context("the audit log cannot be read")?;
        let mut verifier = Verifier::new(key, from, anchor);
        // Whatever stands before the base would be a row that does not belong there.
        let mut next = if from == Head::EMPTY { 0 } else { from.number + 1 };
        loop {
            let rows = base.sqlite.audit_rows(next, ROWS).await.context("the audit log cannot be read")?;
            let Some(last) = rows.last() else { break };
            next = last.number.saturating_add(1);
            if let Err(fault) = check(base, &mut verifier, &rows).await? {
                return self.tampered(fault);
            }
            out::progress(&format!("{} rows", next - 1));
        }
        out::progress_done();
        match verifier.finish() {
            Ok(verified) => self.untouched(verified),
            Err(fault) => self.tampered(fault),
        }
    }

    fn untouched(&self, verified: audit::Verified) -> anyhow::Result<End> {
        let audit::Verified { rows, taken_out, up_to, truncation_excluded_to } = verified;
        let text = || {
            let gone = format!(", {taken_out} of them old machine steps that were taken out");
            let gone = if taken_out > 0 { gone.as_str() } else { "" };
            format!("{rows} rows up to {} are as they were written{gone}", up_to.number)
        };
        let json = || json!({ "ok": true, "rows": rows, "takenOut": taken_out, "upTo": up_to.number, "truncationExcludedTo": truncation_excluded_to });
        self.shape.print(text, json)?;
        if self.shape.output == Output::Text {
            let anchored = format!("no row up to {truncation_excluded_to} was cut off, as the anchor proves");
            let without = "there is no anchor: a tail that was cut off would not be noticed".to_owned();
            out::data(if truncation_excluded_to > 0 { &anchored } else { &without })?;
        }
        Ok(End::Well)
    }

    fn tampered(&self, fault: audit::Fault) -> anyhow::Result<End> {
        out::progress_done();
        let text = || format!("the audit log was tampered with at {fault}");
        self.shape
            .print(text, || json!({ "ok": false, "row": fault.number, "what": fault.what.to_string() }))?;
        Ok(End::Badly)
    }
}

/// Checks rows, and what was taken out between them.
async fn check(
    base: &Base,
    verifier: &mut Verifier,
    rows: &[Row],
) -> anyhow::Result<Result<(), audit::Fault>> {
    for row in rows {
        let mut checked = Ok(());
        if row.number > verifier.next() {
            let gap = base.sqlite.audit_gap(verifier.next() - 1).await;
            let gap = gap.context("the audit log cannot be read")?;
            checked = gap.map_or(Ok(()), |gap| verifier.skip(&gap));
        }
        checked = checked.and_then(|()| verifier.check(row));
        if checked.is_err() {
            return Ok(checked);
        }
    }
    Ok(Ok(()))
}

// An anchor that was named must be there; the one beside the key may never have been written.
fn read_anchor(path: &Path, is_named: bool) -> anyhow::Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !is_named => Ok(None),
        Err(error) => Err(Misuse::error(format!("cannot read {}: {error}", path.display()))),
    }
}

const ROWS: usize = 1_000;

//! `POST /admin/audit/verify`

use std::sync::{Mutex, PoisonError};

use audit::{Anchor, Fault, Head, Row, Verified, Verifier};
use axum::Json;
use axum::extract::State;
use model::{Code, Problem, Right, Timestamp, limits};
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use crate::Api;
use crate::caller::Caller;
use crate::refused::{Refused, Result};

/// What a check of the audit chain found.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditVerification)]
pub(crate) struct Checked {
    /// Whether every row that was checked is as it was written.
    ok: bool,
    #[schema(value_type = String)]
    at: Timestamp,
    /// How many rows were checked.
    rows: u64,
    /// How many besides were taken out by retention, as old machine steps are.
    taken_out: u64,
    /// The number of the last of them.
    up_to: u64,
    /// Its MAC, as hex.
    head_hash: String,
    /// Whether the end of the chain was reached; a longer one is checked by `carehook audit verify`.
    complete: bool,
    /// No row up to this number was cut off, as the anchor proves; 0 without an anchor.
    truncation_excluded_to: u64,
    /// The first row that is not as it was written.
    fault: Option<Damage>,
    took_ms: u64,
}

/// The first place where the chain is not as it was written.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = AuditDamage)]
struct Damage {
    row: u64,
    what: String,
}

/// The last check, and that only one runs at a time.
#[derive(Debug, Default)]
pub struct Verifications {
    last: Mutex<Option<Checked>>,
    running: tokio::sync::Mutex<()>,
}

impl Verifications {
    /// What the last check found.
    pub(crate) fn last(&self) -> Option<Checked> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, checked: &Checked) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(checked.clone());
    }
}

/// Checks the audit chain of the installation, row by row, against its key and the anchor outside the store.
#[utoipa::path(post, path = "/admin/audit/verify", tag = "audit", responses((status = 200, body = Checked)))]
pub(crate) async fn verify(State(api): State<Api>, caller: Caller) -> Result<Json<Checked>> {
    caller.needs(Right::Administer)?;
    let Ok(_alone) = api.verified.running.try_lock() else {
        let busy = Problem::new(Code::WrongState, "A check is under way.")
            .fix("Ask again once it has ended.")
            .after(5);
        return Err(busy.into());
    };
    let began = Instant::now();
    let anchor = api.anchor().await?;
    let (base, _) = api.store.audit_ends().await?;
    let mut verifier = Verifier::new(api.options.audit_key.expose(), base, anchor);
    let mut checked = Checked {
        ok: true,
        at: api.clock.now(),
        rows: 0,
        taken_out: 0,
        up_to: base.number,
        head_hash: hex(&base.mac),
        complete: false,
        truncation_excluded_to: 0,
        fault: None,
        took_ms: 0,
    };
    // Whatever stands before the base would be a row that does not belong there.
    let first = if base == Head::EMPTY { 0 } else { base.number + 1 };
    let found = api.check_rows(&mut verifier, &mut checked, (first, began)).await?;
    match found.and_then(|()| if checked.complete { verifier.finish().map(Some) } else { Ok(None) }) {
        Ok(verified) => checked.conclude(verified),
        Err(fault) => checked.fail(fault),
    }
    checked.took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    api.verified.keep(&checked);
    Ok(Json(checked))
}

impl Checked {
    fn conclude(&mut self, verified: Option<Verified>) {
        let Some(verified) = verified else { return };
        self.truncation_excluded_to = verified.truncation_excluded_to;
        self.taken_out = verified.taken_out;
    }

    fn take(&mut self, row: &Row, verifier: &mut Verifier) -> Result<(), Fault> {
        verifier.check(row)?;
        self.rows += 1;
        (self.up_to, self.head_hash) = (row.number, hex(&row.head().mac));
        Ok(())
    }

    fn fail(&mut self, fault: Fault) {
        self.ok = false;
        self.fault = Some(Damage { row: fault.number, what: fault.what.to_string() });
    }
}

impl Api {
    /// Checks page after page until the end, a fault, or the end of patience.
    async fn check_rows(
        &self,
        verifier: &mut Verifier,
        checked: &mut Checked,
        (mut next, began): (u64, Instant),
    ) -> Result<Result<(), Fault>> {
        while began.elapsed() < limits::AUDIT_CHECK && checked.rows < limits::AUDIT_CHECK_ROWS {
            let rows = self.store.audit_rows(next, PAGE).await?;
            let Some(last) = rows.last() else {
                checked.complete = true;
                break;
            };
            next = last.number.saturating_add(1);
            if let Err(fault) = self.check_page(&rows, verifier, checked).await? {
                return Ok(Err(fault));
            }
        }
        Ok(Ok(()))
    }

    async fn check_page(
        &self,
        rows: &[Row],
        verifier: &mut Verifier,
        checked: &mut Checked,
    ) -> Result<Result<(), Fault>> {
        for row in rows {
            let gap = match row.number > verifier.next() {
                true => self.store.audit_gap(verifier.next() - 1).await?,
                false => None,
            };
            let skipped = gap.map_or(Ok(()), |gap| verifier.skip(&gap));
            if let Err(fault) = skipped.and_then(|()| checked.take(row, verifier)) {
                return Ok(Err(fault));
            }
        }
        Ok(Ok(()))
    }

    async fn anchor(&self) -> Result<Option<Anchor>> {
        let Some(path) = &self.options.audit_anchor else { return Ok(None) };
        let text = match tokio::fs::read_to_string(path).await {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Refused::internal(&error)),
        };
        let anchor = Anchor::from_text(&text, self.options.audit_key.expose());
        anchor.map(Some).map_err(|error| Refused::internal(&error))
    }
}

/// Bytes as text.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const PAGE: usize = 1_000;

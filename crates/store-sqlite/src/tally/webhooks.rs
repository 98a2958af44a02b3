//! What a webhook is owed now, and how its last attempts went.

use std::collections::HashMap;

use model::{Attempt, Id};
use rusqlite::{Connection, params};

use super::Spot;
use super::packed::{Packer, Unpacker};
use crate::fault::Result;

/// Changes of one group, by webhook.
#[derive(Default)]
pub(super) struct Webhooks(HashMap<i64, Change>);

#[derive(Default)]
struct Change {
    pending: i64,
    dead: i64,
    success: Option<i64>,
    failure: Option<i64>,
    succeeded: bool,
    failures: i64,
    test_success: Option<i64>,
    test_failure: Option<i64>,
}

impl Webhooks {
    pub(super) fn stand(&mut self, spot: Spot, by: i64) {
        let change = self.0.entry(spot.webhook).or_default();
        if spot.is_owed() {
            change.pending += by;
        } else {
            change.dead += by;
        }
    }

    pub(super) fn call(&mut self, attempt: &Attempt, test: bool) {
        let change = self.0.entry(attempt.webhook.row()).or_default();
        let at = attempt.began.millis();
        if test {
            let last = match attempt.error {
                None => &mut change.test_success,
                Some(_) => &mut change.test_failure,
            };
            *last = (*last).max(Some(at));
        } else if attempt.error.is_none() {
            change.success = change.success.max(Some(at));
            change.succeeded = true;
            change.failures = 0;
        } else {
            change.failure = change.failure.max(Some(at));
            change.failures += 1;
        }
    }

    pub(super) fn unfinished(&self) -> i64 {
        self.0.values().map(|change| change.pending + change.dead).sum()
    }

    pub(super) fn pack(&self, to: &mut Packer) {
        to.natural(self.0.len() as u64);
        for (webhook, c) in &self.0 {
            to.number(*webhook).number(c.pending).number(c.dead);
            to.number_if_any(c.success)
                .number_if_any(c.failure)
                .natural(u64::from(c.succeeded))
                .number(c.failures);
            to.number_if_any(c.test_success).number_if_any(c.test_failure);
        }
    }

    /// Adds what a later group changed.
    pub(super) fn unpack(&mut self, from: &mut Unpacker<'_>) -> Result<()> {
        for _ in 0..from.natural()? {
            let change = self.0.entry(from.number()?).or_default();
            change.pending += from.number()?;
            change.dead += from.number()?;
            change.success = change.success.max(from.number_if_any()?);
            change.failure = change.failure.max(from.number_if_any()?);
            if from.natural()? != 0 {
                change.succeeded = true;
                change.failures = 0;
            }
            change.failures += from.number()?;
            change.test_success = change.test_success.max(from.number_if_any()?);
            change.test_failure = change.test_failure.max(from.number_if_any()?);
        }
        Ok(())
    }

    pub(super) fn write(&self, conn: &Connection) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let mut put = conn.prepare_cached(
            "INSERT INTO webhook_total (webhook, pending, dead, last_success, last_failure, failures_in_a_row,
                                        test_success, test_failure)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?8, ?9)
             ON CONFLICT DO UPDATE SET
               pending = pending + excluded.pending,
               dead = dead + excluded.dead,
               last_success = max(ifnull(last_success, excluded.last_success),
                                  ifnull(excluded.last_success, last_success)),
               last_failure = max(ifnull(last_failure, excluded.last_failure),
                                  ifnull(excluded.last_failure, last_failure)),
               failures_in_a_row = iif(?7, 0, failures_in_a_row) + excluded.failures_in_a_row,
               test_success = max(ifnull(test_success, excluded.test_success),
                                  ifnull(excluded.test_success, test_success)),
               test_failure = max(ifnull(test_failure, excluded.test_failure),
                                  ifnull(excluded.test_failure, test_failure))",
        )?;
        for (webhook, c) in &self.0 {
            let Change { pending, dead, success, failure, failures, succeeded, .. } = c;
            let live = params![webhook, pending, dead, success, failure, failures, succeeded];
            put.execute([live, params![c.test_success, c.test_failure]].concat().as_slice())?;
        }
        Ok(())
    }
}

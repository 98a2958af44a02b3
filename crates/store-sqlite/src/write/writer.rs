//! The loop of the writer: everything that waits, one transaction, one fsync, all answers.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use store::Error;

use super::checkpoint::Log;
use super::group::{Desk, Done, Group, News, Pace};
use super::reserve::Reserve;
use crate::fault::{Result, Severity};
use crate::mailbox::{Inbox, Letter};
use crate::shared::Shared;

/// The one thread that writes.
pub(crate) struct Writer {
    pub(crate) conn: Connection,
    pub(crate) desk: Desk,
    pub(crate) inbox: Inbox,
    pub(crate) shared: Arc<Shared>,
    pub(crate) log: Log,
    pub(crate) reserve: Reserve,
    /// Held until the last write is done.
    pub(crate) lock: File,
}

impl Writer {
    /// Writes until nobody is left who could ask.
    pub(crate) fn run(mut self) {
        while let Ok(letters) = self.inbox.take(IDLE) {
            let upkeep = match letters {
                Some(letters) => {
                    self.serve(letters);
                    self.after_group()
                }
                None => self.idle(),
            };
            match upkeep {
                Err(fault) if fault.severity() == Severity::Fatal => self.shared.fail(&fault),
                Ok(()) | Err(_) => {}
            }
        }
        // Closing the connection copies the log; only then may another process open the files.
        self.log.close();
        drop(self.conn);
        drop(self.lock);
    }

    fn serve(&mut self, letters: Vec<Letter>) {
        if let Some(why) = self.shared.failed() {
            letters.into_iter().for_each(|letter| letter.command.answer(Err(Error::Stopped(why.into()))));
            return;
        }
        if self.reserve.is_spent() {
            self.reserve.restore();
            self.shared.set_full(self.reserve.is_spent());
        }
        let letters = if self.reserve.is_spent() { refuse_intake(letters) } else { letters };
        self.write(letters);
    }

    /// Writes commands together; if one of them is at fault, in halves.
    fn write(&mut self, mut letters: Vec<Letter>) {
        if letters.is_empty() {
            return;
        }
        let fault = match self.transact(&mut letters, Pace::Busy) {
            Ok(news) => {
                letters.into_iter().for_each(|letter| letter.command.answer(Ok(())));
                news.tell(&*self.desk.handover);
                return;
            }
            Err(fault) => fault,
        };
        match fault.severity() {
            Severity::Full if self.reserve.is_spent() => {
                letters.into_iter().for_each(|letter| letter.command.answer(Err(Error::DiskFull)));
            }
            Severity::Full => {
                self.reserve.spend();
                self.shared.set_full(true);
                self.write(refuse_intake(letters));
            }
            Severity::Fatal => {
                self.shared.fail(&fault);
                self.serve(letters);
            }
            Severity::Command if letters.len() == 1 => {
                tracing::error!(error = %fault, "a command was refused");
                if let Some(letter) = letters.pop() {
                    letter.command.answer(Err(fault.into()));
                }
            }
            Severity::Command => {
                let rest = letters.split_off(letters.len() / 2);
                self.write(letters);
                self.serve(rest);
            }
        }
    }

    fn transact(&mut self, letters: &mut [Letter], pace: Pace) -> Result<News> {
        let head = self.desk.chain.head();
        self.conn.execute_batch("BEGIN IMMEDIATE")?;
        let done = fill(&self.conn, &mut self.desk, letters, pace);
        let done = done.and_then(|done| {
            self.conn.execute_batch("COMMIT")?;
            Ok(done)
        });
        match done {
            Ok(done) => {
                let (news, unfinished) = self.desk.apply(done);
                self.shared.count(unfinished);
                self.shared.set_behind(self.desk.is_behind);
                self.shared.set_head(self.desk.chain.head());
                Ok(news)
            }
            Err(fault) => {
                self.desk.chain.rewind(head);
                self.desk.digest.clear();
                if !self.conn.is_autocommit() {
                    self.conn.execute_batch("ROLLBACK")?;
                }
                Err(fault)
            }
        }
    }

    fn after_group(&mut self) -> Result<()> {
        if std::mem::take(&mut self.desk.vacuum) {
            self.conn.execute_batch("PRAGMA incremental_vacuum(256)")?;
        }
        self.log.after_group(&self.conn)
    }

    fn idle(&mut self) -> Result<()> {
        self.reserve.restore();
        if self.shared.failed().is_none() && (self.desk.is_behind || self.desk.known.is_behind()) {
            self.transact(&mut [], Pace::Idle)?;
        }
        self.log.idle(&self.conn)
    }
}

fn fill(conn: &Connection, desk: &mut Desk, letters: &mut [Letter], pace: Pace) -> Result<Done> {
    let mut group = Group::begin(conn, desk)?;
    for letter in letters {
        letter.command.apply(&mut group)?;
    }
    group.end(pace)
}

fn refuse_intake(letters: Vec<Letter>) -> Vec<Letter> {
    let (intake, rest): (Vec<_>, Vec<_>) = letters.into_iter().partition(|letter| letter.weight.intake);
    intake.into_iter().for_each(|letter| letter.command.answer(Err(Error::DiskFull)));
    rest
}

/// How long the writer waits before it looks after its files.
const IDLE: Duration = Duration::from_millis(500);

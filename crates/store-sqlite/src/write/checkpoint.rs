//! The way of the write-ahead log into the file.
//!
//! A thread of its own copies most of it while the writer goes on; the writer
//! copies the small rest between two groups, so that its next write begins the
//! log anew. When there is nothing to do, the writer cuts the log to nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;

use crate::fault::{Fault, Result, Severity};
use crate::open::{self, Role};
use crate::shared::Shared;

/// The writer's view of the log.
pub(crate) struct Log {
    frames: Arc<AtomicI32>,
    asked_at: i32,
    copied: Arc<AtomicBool>,
    ask: SyncSender<()>,
    thread: JoinHandle<()>,
}

impl Log {
    /// Watches the commits of the writer's connection, and starts the thread that copies.
    pub(crate) fn watch(conn: &mut Connection, path: PathBuf, shared: Arc<Shared>) -> Result<Self> {
        let frames = Arc::new(AtomicI32::new(0));
        let seen = frames.clone();
        conn.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, frames| {
            seen.store(frames, Ordering::Relaxed);
            Ok(())
        }))?;
        let (ask, asked) = sync_channel(1);
        let copied = Arc::new(AtomicBool::new(false));
        let done = copied.clone();
        let copier = move || copy_when(&asked, &path, &done, &shared);
        let spawned = thread::Builder::new().name("checkpoint".into()).spawn(copier);
        let thread =
            spawned.map_err(|error| Fault::damaged("wal", format!("cannot start a thread: {error}")))?;
        Ok(Log { frames, asked_at: 0, copied, ask, thread })
    }

    /// After a group: has the log copied when it is long.
    pub(crate) fn after_group(&mut self, conn: &Connection) -> Result<()> {
        if self.copied.swap(false, Ordering::Acquire) {
            self.asked_at = self.frames.load(Ordering::Relaxed);
            return copy(conn);
        }
        let frames = self.frames.load(Ordering::Relaxed);
        if frames < self.asked_at {
            self.asked_at = 0;
        }
        if frames - self.asked_at >= LONG {
            self.asked_at = frames;
            self.ask();
        }
        Ok(())
    }

    /// With nothing to do: has the log copied, and cuts it once that is done.
    pub(crate) fn idle(&mut self, conn: &Connection) -> Result<()> {
        if self.frames.load(Ordering::Relaxed) == 0 {
            return Ok(());
        }
        if !self.copied.swap(false, Ordering::Acquire) {
            self.ask();
            return Ok(());
        }
        // A reader in the way makes this do less; the next idle moment tries again.
        if copy_all(conn)? {
            self.frames.store(0, Ordering::Relaxed);
            self.asked_at = 0;
        }
        Ok(())
    }

    /// Ends the thread that copies.
    pub(crate) fn close(self) {
        drop(self.ask);
        // A panic in it was printed; there is nothing left to do about it.
        drop(self.thread.join());
    }

    fn ask(&self) {
        match self.ask.try_send(()) {
            // A thread that is gone has reported why.
            Ok(()) | Err(TrySendError::Full(()) | TrySendError::Disconnected(())) => {}
        }
    }
}

/// Copies the log each time it is asked to.
fn copy_when(asked: &Receiver<()>, path: &Path, done: &AtomicBool, shared: &Shared) {
    let conn = match open::connect(path, Role::Checkpointer) {
        Ok(conn) => conn,
        Err(error) => return shared.fail(&error),
    };
    while let Ok(()) = asked.recv() {
        match copy(&conn) {
            Ok(()) => done.store(true, Ordering::Release),
            Err(fault) if fault.severity() == Severity::Fatal => return shared.fail(&fault),
            Err(_) => {}
        }
    }
}

fn copy(conn: &Connection) -> Result<()> {
    Ok(conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?)
}

fn copy_all(conn: &Connection) -> Result<bool> {
    Ok(conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| Ok(row.get::<_, i64>(0)? == 0))?)
}

/// Frames of 4 KiB after which the log is copied: 64 MiB, so that pages that change often are copied rarely.
const LONG: i32 = (64 << 20) / 4_096;

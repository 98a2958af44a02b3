//! Wrapped keys, in a file of their own.
//!
//! The data's log may keep what was deleted for a while; here nothing is kept.
//! The file has a rollback journal that is removed with each commit, and what
//! is deleted is overwritten. A thread of its own commits everything that waits
//! at once, because many new subjects come together.
//!
//! As with the data, a write or a flush that fails ends it (R7): what is on disk
//! is not known any more, and only opening it again finds out.

use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};

use async_trait::async_trait;
use model::OrganisationId;
use privacy::{KeyName, Vault, VaultError, WrappedKey};
use rusqlite::{Connection, ErrorCode, OptionalExtension, params};
use tokio::sync::oneshot;

use crate::fault::{Fault, Severity};
use crate::private;

type Result<T, E = VaultError> = std::result::Result<T, E>;

/// The key file.
pub struct KeyFile {
    asks: Mutex<Option<Sender<Ask>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    failed: Failed,
}

/// Why the file has stopped, if it has. The first reason stays.
type Failed = Arc<OnceLock<String>>;

enum Ask {
    Load(Vec<KeyName>, oneshot::Sender<Result<Vec<Option<WrappedKey>>>>),
    Keep(Vec<(KeyName, WrappedKey)>, oneshot::Sender<Result<Vec<WrappedKey>>>),
    Erase(Vec<KeyName>, oneshot::Sender<Result<u64>>),
    Days(i64, oneshot::Sender<Result<Vec<(OrganisationId, i64)>>>),
}

/// An answer that waits for its commit.
type Answer = Box<dyn FnOnce(Option<VaultError>)>;

impl KeyFile {
    /// Opens the key file at `path`, or makes it.
    ///
    /// # Errors
    /// It cannot be read or written.
    pub fn open(path: &Path) -> Result<Self> {
        private::open(path).map_err(|error| VaultError::Backend(Box::new(error)))?;
        let conn = connect(path).map_err(|error| failure(&error))?;
        let (sender, receiver) = mpsc::channel();
        let failed = Failed::default();
        let desk = Desk { conn, failed: failed.clone() };
        let thread = thread::Builder::new().name("keys".into()).spawn(move || desk.run(&receiver));
        let thread = thread.map_err(|error| VaultError::Backend(Box::new(error)))?;
        Ok(KeyFile { asks: Mutex::new(Some(sender)), thread: Mutex::new(Some(thread)), failed })
    }

    /// Why the file has stopped for good, if it has: it must be opened again, by a new process.
    #[must_use]
    pub fn failed(&self) -> Option<&str> {
        self.failed.get().map(String::as_str)
    }

    async fn ask<T>(&self, ask: impl FnOnce(oneshot::Sender<Result<T>>) -> Ask) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let asks = self.asks.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let sent = asks.is_some_and(|asks| asks.send(ask(reply)).is_ok());
        let answer = if sent { answer.await.ok() } else { None };
        answer.unwrap_or_else(|| Err(VaultError::Backend("the key file is closed".into())))
    }
}

impl Drop for KeyFile {
    fn drop(&mut self) {
        drop(self.asks.lock().unwrap_or_else(PoisonError::into_inner).take());
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // A panic in it was printed; there is nothing left to do about it.
            drop(thread.join());
        }
    }
}

#[async_trait]
impl Vault for KeyFile {
    async fn load(&self, names: &[KeyName]) -> Result<Vec<Option<WrappedKey>>> {
        self.ask(|reply| Ask::Load(names.to_vec(), reply)).await
    }

    async fn keep(&self, keys: Vec<(KeyName, WrappedKey)>) -> Result<Vec<WrappedKey>> {
        self.ask(|reply| Ask::Keep(keys, reply)).await
    }

    async fn days(&self, before: i64) -> Result<Vec<(OrganisationId, i64)>> {
        self.ask(|reply| Ask::Days(before, reply)).await
    }

    async fn erase(&self, names: &[KeyName]) -> Result<u64> {
        self.ask(|reply| Ask::Erase(names.to_vec(), reply)).await
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let conn = Connection::open(path)?;
    conn.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
    conn.pragma_update_and_check(None, "secure_delete", "ON", |_| Ok(()))?;
    conn.pragma_update(None, "synchronous", "EXTRA")?;
    conn.pragma_update(None, "trusted_schema", false)?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    // name: clear, ids and HMACs; wrapped: sealed under the master key.
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS key (name BLOB PRIMARY KEY, wrapped BLOB NOT NULL) STRICT, WITHOUT ROWID",
    )?;
    Ok(conn)
}

/// Where the thread works.
struct Desk {
    conn: Connection,
    failed: Failed,
}

impl Desk {
    fn run(&self, asks: &Receiver<Ask>) {
        while let Ok(first) = asks.recv() {
            let group: Vec<Ask> = std::iter::once(first).chain(asks.try_iter()).take(GROUP).collect();
            match self.failed.get() {
                Some(why) => group.into_iter().for_each(|ask| refuse(ask, VaultError::Stopped(why.clone()))),
                None => self.serve(group),
            }
        }
    }

    /// Answers everything that waits; what changes something shares one commit.
    fn serve(&self, group: Vec<Ask>) {
        let conn = &self.conn;
        let changes = group.iter().any(|ask| matches!(ask, Ask::Keep(..) | Ask::Erase(..)));
        if !changes {
            return group.into_iter().for_each(|ask| apply(conn, ask, &mut None)(None));
        }
        if let Err(error) = conn.execute_batch("BEGIN IMMEDIATE") {
            group.into_iter().for_each(|ask| refuse(ask, failure(&error)));
            return self.heed(error);
        }
        let mut fault = None;
        let answers: Vec<Answer> = group.into_iter().map(|ask| apply(conn, ask, &mut fault)).collect();
        let done = fault.map_or_else(|| conn.execute_batch("COMMIT"), Err);
        if done.is_err() && !conn.is_autocommit() {
            // What cannot be rolled back fails again at the next commit.
            drop(conn.execute_batch("ROLLBACK"));
        }
        for answer in answers {
            answer(done.as_ref().err().map(failure));
        }
        if let Err(error) = done {
            self.heed(error);
        }
    }

    /// Stops for good when it is not known any more what is on disk.
    fn heed(&self, error: rusqlite::Error) {
        let fault = Fault::Sql(error);
        if fault.severity() == Severity::Fatal && self.failed.set(fault.to_string()).is_ok() {
            tracing::error!(error = %fault, "the key file has stopped");
        }
    }
}

/// Does what was asked; its fault, if it has one, is everybody's.
fn apply(conn: &Connection, ask: Ask, fault: &mut Option<rusqlite::Error>) -> Answer {
    match ask {
        Ask::Load(names, reply) => later(reply, load(conn, &names), fault),
        Ask::Keep(keys, reply) => later(reply, keep(conn, keys), fault),
        Ask::Erase(names, reply) => later(reply, erase(conn, &names), fault),
        Ask::Days(before, reply) => later(reply, days(conn, before), fault),
    }
}

fn later<T: 'static>(
    reply: oneshot::Sender<Result<T>>,
    made: rusqlite::Result<T>,
    fault: &mut Option<rusqlite::Error>,
) -> Answer {
    let made = made.map_err(|error| {
        let answer = failure(&error);
        fault.get_or_insert(error);
        answer
    });
    // Whoever asked may have gone.
    Box::new(move |failed| drop(reply.send(failed.map_or(made, Err))))
}

fn refuse(ask: Ask, error: VaultError) {
    match ask {
        Ask::Load(_, reply) => drop(reply.send(Err(error))),
        Ask::Keep(_, reply) => drop(reply.send(Err(error))),
        Ask::Erase(_, reply) => drop(reply.send(Err(error))),
        Ask::Days(_, reply) => drop(reply.send(Err(error))),
    }
}

fn load(conn: &Connection, names: &[KeyName]) -> rusqlite::Result<Vec<Option<WrappedKey>>> {
    let mut find = conn.prepare_cached("SELECT wrapped FROM key WHERE name = ?1")?;
    names
        .iter()
        .map(|name| Ok(find.query_row([name.to_bytes()], |row| row.get(0)).optional()?.map(WrappedKey)))
        .collect()
}

fn keep(conn: &Connection, keys: Vec<(KeyName, WrappedKey)>) -> rusqlite::Result<Vec<WrappedKey>> {
    let mut put =
        conn.prepare_cached("INSERT INTO key (name, wrapped) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
    let mut find = conn.prepare_cached("SELECT wrapped FROM key WHERE name = ?1")?;
    keys.into_iter()
        .map(|(name, key)| {
            let name = name.to_bytes();
            if put.execute(params![name, key.0])? == 1 {
                return Ok(key);
            }
            find.query_row([name], |row| row.get(0)).map(WrappedKey)
        })
        .collect()
}

fn erase(conn: &Connection, names: &[KeyName]) -> rusqlite::Result<u64> {
    let mut delete = conn.prepare_cached("DELETE FROM key WHERE name = ?1")?;
    names.iter().map(|name| Ok(delete.execute([name.to_bytes()])? as u64)).sum()
}

fn days(conn: &Connection, before: i64) -> rusqlite::Result<Vec<(OrganisationId, i64)>> {
    // Names of days stand together, between those of organisations and those of subjects.
    let (first, last) = (KeyName::DAYS.start, KeyName::DAYS.end);
    let mut find =
        conn.prepare_cached("SELECT name FROM key WHERE name >= ?1 AND name < ?2 ORDER BY name")?;
    let names = find.query_map([[first], [last]], |row| row.get::<_, Vec<u8>>(0))?;
    let mut days = Vec::new();
    for name in names {
        days.extend(KeyName::read_day(&name?).filter(|(_, day)| *day < before));
    }
    Ok(days)
}

fn failure(error: &rusqlite::Error) -> VaultError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => VaultError::DiskFull,
        _ => VaultError::Backend(error.to_string().into()),
    }
}

/// Asks that share a commit at most.
const GROUP: usize = 1_024;

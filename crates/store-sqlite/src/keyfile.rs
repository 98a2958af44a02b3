//! Wrapped keys, in a file of their own.
//!
//! The data's log may keep what was deleted for a while; here nothing is kept.
//! The file has a rollback journal that is removed with each commit, and what
//! is deleted is overwritten. A thread of its own commits everything that waits
//! at once, because many new subjects come together.

use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use async_trait::async_trait;
use model::OrganisationId;
use privacy::{KeyName, Vault, VaultError, WrappedKey};
use rusqlite::{Connection, ErrorCode, OptionalExtension, params};
use tokio::sync::oneshot;

type Result<T, E = VaultError> = std::result::Result<T, E>;

/// The key file.
pub struct KeyFile {
    asks: Mutex<Option<Sender<Ask>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

enum Ask {
    Load(Vec<KeyName>, oneshot::Sender<Result<Vec<Option<WrappedKey>>>>),
    Keep(Vec<(KeyName, WrappedKey)>, oneshot::Sender<Result<Vec<WrappedKey>>>),
    Erase(Vec<KeyName>, oneshot::Sender<Result<u64>>),
    Days(OrganisationId, i64, oneshot::Sender<Result<Vec<i64>>>),
}

/// An answer that waits for its commit.
type Answer = Box<dyn FnOnce(Option<VaultError>)>;

impl KeyFile {
    /// Opens the key file at `path`, or makes it.
    ///
    /// # Errors
    /// It cannot be read or written.
    pub fn open(path: &Path) -> Result<Self> {
        let conn = connect(path).map_err(|error| failure(&error))?;
        let (sender, receiver) = mpsc::channel();
        let thread = thread::Builder::new().name("keys".into()).spawn(move || run(&conn, &receiver));
        let thread = thread.map_err(|error| VaultError::Backend(Box::new(error)))?;
        Ok(KeyFile { asks: Mutex::new(Some(sender)), thread: Mutex::new(Some(thread)) })
    }

    /// The days before `before` that an organisation has a key for: what retention may drop.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn days(&self, organisation: OrganisationId, before: i64) -> Result<Vec<i64>> {
        self.ask(|reply| Ask::Days(organisation, before, reply)).await
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

fn run(conn: &Connection, asks: &Receiver<Ask>) {
    while let Ok(first) = asks.recv() {
        let mut group = vec![first];
        while group.len() < GROUP {
            let Ok(next) = asks.try_recv() else { break };
            group.push(next);
        }
        serve(conn, group);
    }
}

/// Answers everything that waits; what changes something shares one commit.
fn serve(conn: &Connection, group: Vec<Ask>) {
    let changes = group.iter().any(|ask| matches!(ask, Ask::Keep(..) | Ask::Erase(..)));
    if !changes {
        return group.into_iter().for_each(|ask| apply(conn, ask, &mut None)(None));
    }
    if let Err(error) = conn.execute_batch("BEGIN IMMEDIATE") {
        return group.into_iter().for_each(|ask| refuse(ask, failure(&error)));
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
}

/// Does what was asked; its fault, if it has one, is everybody's.
fn apply(conn: &Connection, ask: Ask, fault: &mut Option<rusqlite::Error>) -> Answer {
    match ask {
        Ask::Load(names, reply) => later(reply, load(conn, &names), fault),
        Ask::Keep(keys, reply) => later(reply, keep(conn, keys), fault),
        Ask::Erase(names, reply) => later(reply, erase(conn, &names), fault),
        Ask::Days(organisation, before, reply) => later(reply, days(conn, organisation, before), fault),
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
        Ask::Days(_, _, reply) => drop(reply.send(Err(error))),
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

fn days(conn: &Connection, organisation: OrganisationId, before: i64) -> rusqlite::Result<Vec<i64>> {
    // Names of one organisation's days differ in their last eight bytes only, and rise with the day.
    let (first, last) = (KeyName::Day(organisation, 0), KeyName::Day(organisation, before));
    let mut find =
        conn.prepare_cached("SELECT name FROM key WHERE name >= ?1 AND name < ?2 ORDER BY name")?;
    let rows = find.query_map([first.to_bytes(), last.to_bytes()], |row| row.get::<_, Vec<u8>>(0))?;
    let mut days = Vec::new();
    for name in rows {
        days.extend(name?.last_chunk::<8>().map(|day| i64::from_be_bytes(*day)));
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

//! Opening: the lock, the connections, and what a start finds.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use store::{Error, NoHandover, Result};

use crate::digest::Digest;
use crate::fault::{self, Fault, backend};
use crate::mailbox::Inbox;
use crate::shared::Shared;
use crate::tally::{self, Tally};
use crate::write::checkpoint::Log;
use crate::write::group::{Desk, Who};
use crate::write::known::Known;
use crate::write::reserve::Reserve;
use crate::write::writer::Writer;
use crate::write::{followers, journal, merges};
use crate::{Options, private, upgrade};

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Writes everything.
    Writer,
    /// Only copies the log into the file.
    Checkpointer,
    /// Only reads.
    Reader,
}

/// What a start found.
pub(crate) struct Found {
    pub(crate) writer: Writer,
    pub(crate) who: Who,
    pub(crate) last_row: i64,
    pub(crate) path: PathBuf,
    pub(crate) shared: Arc<Shared>,
}

/// Opens the data in `dir`, or makes it.
pub(crate) fn open(dir: &Path, options: &Options, inbox: Inbox) -> Result<Found> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(Error::Stopped(format!("SQLite {} can damage its log", rusqlite::version())));
    }
    let lock = lock(dir)?;
    let path = dir.join("store.db");
    private::open(&path).map_err(backend)?;
    let mut conn = connect(&path, Role::Writer)?;
    upgrade::bring_up_to_date(&mut conn)?;
    add_up(&mut conn)?;
    let who = boot(&mut conn, options.tag_seed)?;
    let shared = Arc::new(Shared::default());
    shared.count(unfinished(&conn)?);
    let head = journal::head(&conn)?;
    shared.set_head(head);
    let last_row = last_row(&conn)?;
    let log = Log::watch(&mut conn, path.clone(), shared.clone())?;
    let desk = Desk {
        who,
        clock: options.clock.clone(),
        handover: Arc::new(NoHandover),
        chain: audit::Chain::resume(&options.audit_key, head),
        digest: Digest::new(),
        seq: who.epoch << FEED_BITS,
        has_followers: followers::are_there(&conn)?,
        has_merges: merges::are_there(&conn)?,
        vacuum: false,
        known: Known::load(&conn, last_row)?,
        added_up: None,
        is_behind: false,
    };
    let reserve = Reserve::of(dir);
    let writer = Writer { conn, desk, inbox, shared: shared.clone(), log, reserve, lock };
    Ok(Found { writer, who, last_row, path, shared })
}

/// A connection to the data.
pub(crate) fn connect(path: &Path, role: Role) -> Result<Connection> {
    let flags = match role {
        Role::Writer => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        Role::Checkpointer | Role::Reader => OpenFlags::SQLITE_OPEN_READ_WRITE,
    };
    let conn = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(backend)?;
    set_up(&conn, role).map_err(backend)?;
    Ok(conn)
}

fn set_up(conn: &Connection, role: Role) -> rusqlite::Result<()> {
    if role == Role::Writer {
        // These two only take effect before the first table.
        conn.pragma_update(None, "page_size", 4_096)?;
        conn.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    }
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
    conn.pragma_update_and_check(None, "mmap_size", 0, |_| Ok(())).optional()?;
    conn.pragma_update(None, "trusted_schema", false)?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    let cache_kib = match role {
        Role::Writer => 16 << 10,
        Role::Checkpointer => 256,
        Role::Reader => 4 << 10,
    };
    conn.pragma_update(None, "cache_size", -cache_kib)?;
    let patience = if role == Role::Writer { Duration::ZERO } else { Duration::from_secs(5) };
    conn.busy_timeout(patience)?;
    conn.set_prepared_statement_cache_capacity(128);
    conn.pragma_update(None, "query_only", role == Role::Reader)
}

fn lock(dir: &Path) -> Result<File> {
    fs::create_dir_all(dir).map_err(backend)?;
    let file = private::open(&dir.join("lock")).map_err(backend)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(Error::Stopped(format!("{} is in use by another process", dir.display())))
        }
        Err(TryLockError::Error(error)) => Err(backend(error)),
    }
}

/// Lets the sums hold what the last process left beside them.
fn add_up(conn: &mut Connection) -> fault::Result<()> {
    let transaction = conn.transaction()?;
    tally::add_up(&transaction, &Tally::default())?;
    Ok(transaction.commit()?)
}

/// Takes the next epoch, and takes back what earlier ones held.
fn boot(conn: &mut Connection, tag_seed: u64) -> Result<Who> {
    (|| {
        let transaction = conn.transaction()?;
        let mut put = transaction.prepare("INSERT OR IGNORE INTO meta (name, value) VALUES (?1, ?2)")?;
        put.execute(params!["tag", tag_seed.cast_signed()])?;
        put.execute(params!["epoch", 0])?;
        drop(put);
        transaction.execute("UPDATE meta SET value = value + 1 WHERE name = 'epoch'", [])?;
        let value = "SELECT value FROM meta WHERE name = ?1";
        let tag: i64 = transaction.query_row(value, ["tag"], |row| row.get(0))?;
        let epoch = transaction.query_row(value, ["epoch"], |row| row.get(0))?;
        // What was in memory is due again, and what waited in memory waits on disk.
        transaction.execute("UPDATE delivery SET epoch = 0 WHERE epoch <> 0", [])?;
        if followers::take_over(&transaction)? {
            tally::piles::recount(&transaction)?;
        }
        // What was held behind a head in memory goes by age: the new sender does not know of it.
        transaction.execute(
            "UPDATE delivery INDEXED BY delivery_order SET state = 0
             WHERE order_key IS NOT NULL AND state = 2 AND follows IS NULL AND NOT EXISTS (
               SELECT 1 FROM delivery AS head
               WHERE head.webhook = delivery.webhook AND head.lane = delivery.lane
                 AND head.order_key = delivery.order_key AND head.state = 1)",
            [],
        )?;
        transaction.commit()?;
        Ok(Who { tag: tag.cast_unsigned(), epoch })
    })()
    .map_err(|error: rusqlite::Error| backend(error))
}

fn unfinished(conn: &Connection) -> fault::Result<i64> {
    let sum =
        conn.query_row("SELECT ifnull(sum(pending + dead), 0) FROM webhook_total", [], |row| row.get(0));
    Ok(sum?)
}

/// The highest row of any id.
fn last_row(conn: &Connection) -> fault::Result<i64> {
    let of_data: Option<i64> = conn.query_row(
        "SELECT max(
           ifnull((SELECT max(id) FROM event), 0),
           ifnull((SELECT max(id) FROM message), 0),
           ifnull((SELECT max(id) FROM delivery), 0),
           ifnull((SELECT max(id) FROM delivery_log), 0),
           ifnull((SELECT max(id) FROM redrive), 0),
           ifnull((SELECT max(id) FROM rejection), 0),
           ifnull((SELECT max(id) FROM alert), 0),
           ifnull((SELECT max((SELECT max(id) FROM attempt WHERE attempt.webhook = webhook_total.webhook))
                   FROM webhook_total), 0))",
        [],
        |row| row.get(0),
    )?;
    let of_config: Option<Vec<u8>> = conn.query_row("SELECT max(id) FROM config", [], |row| row.get(0))?;
    let of_config = match of_config {
        None => 0,
        Some(id) => {
            let upper =
                id.first_chunk::<8>().ok_or_else(|| Fault::damaged("config", "an id of odd length"))?;
            i64::from_be_bytes(*upper)
        }
    };
    Ok(of_data.unwrap_or(0).max(of_config))
}

/// Older ones can damage the log when it is reset: <https://sqlite.org/wal.html#walresetbug>.
const OLDEST_SQLITE: i32 = 3_051_003;
/// Places in the feed are the epoch, then so many bits that count: they rise over restarts.
const FEED_BITS: u32 = 40;

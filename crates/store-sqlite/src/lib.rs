//! The default store: one SQLite file, one writer with group commit.
//!
//! A verb that changes something becomes a command in `mailbox`; `write` takes
//! everything that waits, commits it at once and answers. A verb that asks
//! goes to `readers`. `schema.sql` is the map of what is stored.
//!
//! | file | holds |
//! |---|---|
//! | `open`, `upgrade` | the lock, the connections, what a start finds, older files |
//! | `mailbox`, `write`, `shared` | the writer and what it tells |
//! | `readers`, `read` | questions |
//! | `rows`, `decisions`, `tally`, `digest` | how things are written down |
//! | `keyfile` | wrapped keys, in a file of their own |
//! | `private` | files for their owner only |

mod decisions;
mod digest;
mod fault;
mod keyfile;
mod mailbox;
mod open;
mod private;
mod read;
mod readers;
mod rows;
mod shared;
mod store_verbs;
mod tally;
mod upgrade;
mod write;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use model::Clock;
use store::{Installation, Result};

pub use keyfile::KeyFile;

use crate::fault::backend;
use crate::mailbox::{Mailbox, mailbox};
use crate::readers::Readers;
use crate::shared::Shared;
use crate::write::gaps;
use crate::write::group::Who;
use crate::write::journal;

/// What a store needs besides its directory.
pub struct Options {
    /// The key of the audit chain.
    pub audit_key: [u8; 32],
    /// Names a new installation: random, used only when the directory is empty.
    pub tag_seed: u64,
    /// Where `now` comes from.
    pub clock: Arc<dyn Clock>,
}

/// The embedded store. One process at a time has it open.
pub struct SqliteStore {
    mailbox: Mutex<Option<Arc<Mailbox>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    readers: Readers,
    shared: Arc<Shared>,
    who: Who,
    last_row: i64,
    path: std::path::PathBuf,
}

impl SqliteStore {
    /// Opens the store in `dir`, or makes it. The epoch of this start is durable on return.
    ///
    /// # Errors
    /// Another process has it open, a later program wrote it, or it cannot be read or written.
    pub fn open(dir: &Path, options: Options) -> Result<Arc<Self>> {
        let (mailbox, inbox) = mailbox();
        let found = open::open(dir, &options, inbox)?;
        let writer = found.writer;
        let thread = thread::Builder::new().name("writer".into()).spawn(move || writer.run());
        Ok(Arc::new(SqliteStore {
            mailbox: Mutex::new(Some(Arc::new(mailbox))),
            writer: Mutex::new(Some(thread.map_err(backend)?)),
            readers: Readers::of(found.path.clone()),
            shared: found.shared,
            who: found.who,
            last_row: found.last_row,
            path: found.path,
        }))
    }

    /// Ends the writer after what waits is written, and frees the directory.
    /// Every later verb that writes is [`store::Error::Stopped`].
    ///
    /// Dropping the store does the same. A sender that was joined with
    /// [`store::Store::hand_over_to`] and holds the store keeps it from being dropped.
    pub fn close(&self) {
        drop(self.mailbox.lock().unwrap_or_else(PoisonError::into_inner).take());
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer
            && writer.thread().id() != thread::current().id()
        {
            // A panic in it was printed; every verb since has said that it is gone.
            drop(writer.join());
        }
    }

    /// Where the durable audit chain ends: what the anchor outside the store repeats.
    #[must_use]
    pub fn audit_head(&self) -> audit::Head {
        self.shared.head()
    }

    /// Where checking the audit chain begins: the last row that retention cut off.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn audit_base(&self) -> Result<audit::Head> {
        self.readers.read(journal::base).await
    }

    /// Audit rows from number `from` on, in order, for checking the chain.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn audit_rows(&self, from: u64, limit: usize) -> Result<Vec<audit::Row>> {
        let tag = self.who.tag;
        self.readers.read(move |conn| read::audit::from(conn, tag, from, limit)).await
    }

    /// The machine steps that were taken out behind row `before`, if some were.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn audit_gap(&self, before: u64) -> Result<Option<audit::Gap>> {
        self.readers.read(move |conn| gaps::behind(conn, before.cast_signed())).await
    }

    fn installation_facts(&self) -> Installation {
        Installation { tag: self.who.tag, last_row: self.last_row, epoch: self.who.epoch.cast_unsigned() }
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.close();
    }
}

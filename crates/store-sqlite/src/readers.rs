//! Connections that only read, used from a thread where waiting is allowed.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::Connection;
use store::Result;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::fault::{self, backend};
use crate::open::{self, Role};

/// The pool.
#[derive(Clone)]
pub(crate) struct Readers {
    pool: Arc<Pool>,
}

struct Pool {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    places: Arc<Semaphore>,
}

impl Readers {
    /// Readers of the file at `path`, opened when they are needed.
    pub(crate) fn of(path: PathBuf) -> Self {
        let places = Arc::new(Semaphore::new(READERS));
        Readers { pool: Arc::new(Pool { path, idle: Mutex::default(), places }) }
    }

    /// Has `look` see one state of the data; it ends with an error when it takes too long.
    pub(crate) async fn read<T, F>(&self, look: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> fault::Result<T> + Send + 'static,
    {
        let place = self.pool.places.clone().acquire_owned().await.map_err(backend)?;
        let pool = self.pool.clone();
        let done = tokio::task::spawn_blocking(move || {
            let found = pool.look(look);
            drop(place);
            found
        });
        done.await.map_err(backend)?
    }
}

impl Pool {
    fn look<T>(&self, look: impl FnOnce(&Connection) -> fault::Result<T>) -> Result<T> {
        let idle = self.idle().pop();
        let mut conn = match idle {
            Some(conn) => conn,
            None => open::connect(&self.path, Role::Reader)?,
        };
        let found = look_in_time(&mut conn, look);
        // What failed may have left its transaction open.
        if found.is_ok() || conn.is_autocommit() {
            self.idle().push(conn);
        }
        Ok(found?)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn look_in_time<T>(
    conn: &mut Connection,
    look: impl FnOnce(&Connection) -> fault::Result<T>,
) -> fault::Result<T> {
    // A reader that stays long keeps the log from being reset.
    let began = Instant::now();
    conn.progress_handler(10_000, Some(move || began.elapsed() > PATIENCE))?;
    let transaction = conn.transaction()?;
    let found = look(&transaction)?;
    transaction.finish()?;
    Ok(found)
}

const READERS: usize = 4;
const PATIENCE: Duration = Duration::from_secs(5);

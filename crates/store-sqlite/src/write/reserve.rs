//! Space for what must go on when the disk is full: settlements, purges, sign-ins (R8).
//!
//! A file of zeros beside the data. When the disk is full it is removed, what
//! comes in is refused, and everything else goes on with the space it leaves.
//! Once it can be written again, the disk is no longer full.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::Instant;

/// The reserve of one data directory.
pub(crate) struct Reserve {
    path: PathBuf,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not looked at yet.
    Unknown,
    /// There.
    Kept,
    /// Given away because the disk is full.
    Spent { looked: Instant },
}

impl Reserve {
    /// The reserve in `dir`; written when there is time.
    pub(crate) fn of(dir: &Path) -> Self {
        Reserve { path: dir.join("reserve"), state: State::Unknown }
    }

    /// Whether the disk is full.
    pub(crate) fn is_spent(&self) -> bool {
        matches!(self.state, State::Spent { .. })
    }

    /// Gives the space away.
    pub(crate) fn spend(&mut self) {
        if !self.is_spent() {
            tracing::error!("the disk is full: nothing new is accepted until there is space");
        }
        if let Err(error) = fs::remove_file(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::error!(%error, "cannot remove the reserve");
        }
        self.state = State::Spent { looked: Instant::now() };
    }

    /// Takes the space back, if there is enough again.
    pub(crate) fn restore(&mut self) {
        match self.state {
            State::Kept => return,
            State::Spent { looked } if looked.elapsed() < LOOK => return,
            State::Unknown | State::Spent { .. } => {}
        }
        let was_spent = self.is_spent();
        match write(&self.path) {
            Ok(()) => {
                if was_spent {
                    tracing::info!("there is space again");
                }
                self.state = State::Kept;
            }
            Err(error) => {
                if !was_spent {
                    tracing::warn!(%error, "no space for the reserve");
                }
                // Half a reserve would only hold space back.
                drop(fs::remove_file(&self.path));
                self.state = State::Spent { looked: Instant::now() };
            }
        }
    }
}

fn write(path: &Path) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|meta| meta.len() == BYTES) {
        return Ok(());
    }
    let mut file = File::create(path)?;
    let zeros = vec![0; 1 << 20];
    for _ in 0..BYTES >> 20 {
        file.write_all(&zeros)?;
    }
    file.sync_all()
}

const BYTES: u64 = 64 << 20;
const LOOK: Duration = Duration::from_secs(1);

//! Files that nobody but their owner may read.

use std::fs::{File, OpenOptions};
use std::io::Result;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Opens a file for writing, or makes it for its owner only. What SQLite keeps beside it takes the same rights.
pub(crate) fn open(path: &Path) -> Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

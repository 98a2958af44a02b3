//! The master key's file, and other files that only their owner may read.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use privacy::MasterKey;

use crate::config::Config;

/// Where the master key lies; with `--dev` and no file named, beside the data directory.
#[must_use]
pub fn path(config: &Config) -> PathBuf {
    config.keys.file.clone().unwrap_or_else(|| beside(&config.data.dir, "key"))
}

/// The path with something behind its whole name, so that `a.b` and `a.c` stay apart.
pub(crate) fn beside(path: &Path, what: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(what);
    PathBuf::from(name)
}

/// Reads the master key; with `--dev` it is made if it is not there.
pub(crate) fn read(config: &Config) -> anyhow::Result<MasterKey> {
    let path = path(config);
    if config.dev && !path.exists() {
        create(&path)?;
    }
    let text = std::fs::read_to_string(&path).with_context(|| {
        format!("cannot read the master key {}. hint: make one with `carehook keygen {0}`", path.display())
    })?;
    MasterKey::from_text(&text).with_context(|| format!("{} is not a master key", path.display()))
}

/// Writes a new master key; a file that is there is never overwritten.
///
/// # Errors
/// The file exists or cannot be written.
pub fn create(path: &Path) -> anyhow::Result<()> {
    write_new(path, MasterKey::generate().to_text().expose())
}

/// Writes a file that only its owner may read, durably, if there is none yet.
pub(crate) fn write_new(path: &Path, text: &str) -> anyhow::Result<()> {
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// The tag of a new installation.
pub(crate) fn random_tag() -> u64 {
    let mut bytes = [0; 8];
    privacy::Random::fill(&privacy::SystemRandomness, &mut bytes);
    u64::from_be_bytes(bytes)
}

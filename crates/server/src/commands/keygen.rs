//! `carehook keygen`: a new master key.

use std::path::PathBuf;

use clap::Args;

use super::{End, out};
use crate::keyfile;

/// Write a new master key to a file; never overwrites.
#[derive(Debug, Args)]
pub(crate) struct Keygen {
    /// The file to write, readable by its owner only
    file: PathBuf,
}

impl Keygen {
    pub(crate) fn run(self) -> anyhow::Result<End> {
        let file = self.file.display();
        if self.file.exists() {
            anyhow::bail!(
                "{file} exists and is not overwritten: data under the old key could never be read again"
            );
        }
        keyfile::create(&self.file)?;
        out::note(&format!("{file} holds a new master key"));
        out::note(
            "hint: keep one copy away from this machine and its backups; without it the data cannot be read",
        );
        Ok(End::Well)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_key_is_for_its_owner_only_and_is_never_overwritten() {
        let file = std::env::temp_dir().join(format!("carehook-keygen-{}", std::process::id()));
        let keygen = || Keygen { file: file.clone() }.run();
        assert_eq!(keygen().unwrap(), End::Well);
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(privacy::MasterKey::from_text(&text).is_ok());
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(keygen().is_err());
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
        std::fs::remove_file(&file).unwrap();
    }
}

//! Third parties of the operator's own: files beside those of this version.

use std::path::{Path, PathBuf};

use ::presets::Library;
use anyhow::{Context as _, ensure};
use model::limits;
use serde::{Deserialize, Serialize};

/// Third parties of the operator's own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Presets {
    /// A directory of `*.toml` files, read at the start; a preset in it goes before one of the same name.
    pub dir: Option<PathBuf>,
}

impl Presets {
    /// The presets of this version and those of the directory.
    ///
    /// # Errors
    /// The directory cannot be read, or a file in it cannot be used.
    pub fn load(&self) -> anyhow::Result<Library> {
        let files = match &self.dir {
            Some(dir) => read(dir).with_context(|| format!("presets.dir: {}", dir.display()))?,
            None => Vec::new(),
        };
        let library = Library::with(&files).context("a preset cannot be used")?;
        for preset in library.all() {
            for name in preset.event_types() {
                let is_known = matching::Catalogue::embedded().find(name).is_some();
                ensure!(is_known, "preset {}: the type {name} is not in the catalogue", preset.name);
            }
        }
        Ok(library)
    }
}

fn read(dir: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "toml") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((name, std::fs::read_to_string(&path)?));
        }
        ensure!(files.len() <= limits::PRESET_FILES, "more than {} files", limits::PRESET_FILES);
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_of_presets_is_read_at_the_start_and_its_faults_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let presets = Presets { dir: Some(dir.path().to_owned()) };
        let text = |event_type: &str| {
            format!(
                "[preset.own-lab]\ntitle = \"Own lab\"\ncategory = \"records\"\nabout = \"x\"\ndocs = \"x\"\n\
                 auth = {{ kind = \"secret-path\" }}\ntype = \"{{json:/kind}}\"\n\
                 types = {{ done = \"{event_type}\" }}\n"
            )
        };
        std::fs::write(dir.path().join("own.toml"), text("lab.result.available")).unwrap();
        std::fs::write(dir.path().join("notes.md"), "no preset").unwrap();
        assert!(presets.load().unwrap().find("own-lab").is_some());
        std::fs::write(dir.path().join("own.toml"), text("lab.result.exciting")).unwrap();
        assert!(presets.load().unwrap_err().to_string().contains("lab.result.exciting"));
        std::fs::write(dir.path().join("own.toml"), "[preset.own-lab]\n").unwrap();
        assert!(format!("{:#}", presets.load().unwrap_err()).contains("own.toml"));
        let missing = Presets { dir: Some(dir.path().join("missing")) };
        assert!(missing.load().is_err());
    }
}

//! The folder of one server: data, keys and log.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A folder that goes when its story ends well, and stays when it fails.
pub(crate) struct Home {
    folder: Option<TempDir>,
    path: PathBuf,
}

impl Home {
    /// An empty folder.
    pub(crate) fn new() -> Home {
        let folder = tempfile::Builder::new().prefix("carehook-it-").tempdir().unwrap();
        let path = folder.path().to_owned();
        Home { folder: Some(folder), path }
    }

    /// A copy of this one, as a backup would make it while nothing runs.
    pub(crate) fn copy(&self) -> Home {
        let copy = Home::new();
        copy_folder(&self.path, &copy.path);
        copy
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    /// The master key.
    pub(crate) fn key_file(&self) -> PathBuf {
        self.path.join("master.key")
    }

    /// The first admin's key.
    pub(crate) fn admin_key_file(&self) -> PathBuf {
        self.path.join("admin.key")
    }

    /// What the server said on standard error, over all its starts.
    pub(crate) fn log(&self) -> PathBuf {
        self.path.join("server.log")
    }

    /// The end of the log.
    pub(crate) fn log_tail(&self) -> String {
        let text = std::fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// Every file of the data directory with its bytes.
    pub(crate) fn data_files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let files = std::fs::read_dir(self.data()).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|path| path.is_file()).map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let Some(folder) = self.folder.take() else { return };
        if std::thread::panicking() {
            eprintln!("the store and the log of the failed story are in {}", folder.keep().display());
        }
    }
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target)
        } else {
            std::fs::copy(&path, &target).map(drop).unwrap()
        }
    }
}

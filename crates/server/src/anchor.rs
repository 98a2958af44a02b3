//! The head of the audit chain, outside the store, every 10 s.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use audit::{Anchor, Head};
use model::Secret;
use observe::Stop;
use store_sqlite::SqliteStore;

/// Writes the head whenever it has moved, and once more at the end.
pub(crate) async fn keep(store: Arc<SqliteStore>, key: Secret<[u8; 32]>, path: PathBuf, stop: Stop) {
    let mut written = None;
    loop {
        let head = store.audit_head();
        if written != Some(head) {
            match write(&path, head, &key) {
                Ok(()) => written = Some(head),
                Err(error) => {
                    tracing::error!(%error, path = %path.display(), "cannot write the audit anchor")
                }
            }
        }
        if stop.is_stopped() {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stop.stopped() => {}
        }
    }
}

// A new file takes the old one's place whole, so that a crash leaves one of the two.
fn write(path: &Path, head: Head, key: &Secret<[u8; 32]>) -> std::io::Result<()> {
    let text = Anchor::at(head).to_text(key.expose());
    let fresh = crate::keyfile::beside(path, "new");
    let mut file = std::fs::File::create(&fresh)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&fresh, path)
}

const EVERY: Duration = Duration::from_secs(10);

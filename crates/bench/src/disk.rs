//! What one fdatasync costs here: the floor under every durable acknowledgement.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::time::Instant;

use crate::machine::Disk;

/// Times fdatasync in `directory`: after appending 4 KiB, and after overwriting them.
///
/// The first also writes the file's new length; the second is what a write-ahead
/// log does once it has reached its size, and the stricter measure.
pub(crate) async fn measure(directory: &Path) -> Result<Disk> {
    let path = directory.join("carehook-bench.tmp");
    let timed = tokio::task::spawn_blocking(move || {
        let disk = time_both(&path);
        // A failure to write is the better story; the file may not even exist.
        fs::remove_file(&path).ok();
        disk
    });
    timed.await.context("the disk measurement panicked")?.context("failed to measure fdatasync")
}

fn time_both(path: &Path) -> std::io::Result<Disk> {
    let mut file = File::create(path)?;
    let append = median_of(&mut file, SeekFrom::End(0))?;
    let overwrite = median_of(&mut file, SeekFrom::Start(0))?;
    Ok(Disk { fdatasync_append_ms: millis(append), fdatasync_overwrite_ms: millis(overwrite) })
}

fn median_of(file: &mut File, place: SeekFrom) -> std::io::Result<Duration> {
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        file.seek(place)?;
        file.write_all(&[0x5a; 4096])?;
        let started = Instant::now();
        file.sync_data()?;
        times.push(started.elapsed());
    }
    times.sort_unstable();
    Ok(times[ROUNDS / 2])
}

const ROUNDS: usize = 200;

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

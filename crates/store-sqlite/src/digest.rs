//! The hash over what a commit group writes, for its audit row.
//!
//! Each part begins with a byte that names it; lengths stand before bytes of
//! variable length, so that no two groups read the same.

use aws_lc_rs::digest::{Context, SHA256};

/// SHA-256, fed in large pieces.
pub(crate) struct Digest {
    context: Context,
    buffer: Vec<u8>,
    used: bool,
}

impl Digest {
    pub(crate) fn new() -> Self {
        Digest { context: Context::new(&SHA256), buffer: Vec::with_capacity(FLUSH * 2), used: false }
    }

    /// Begins a part of a kind.
    pub(crate) fn part(&mut self, kind: u8) -> &mut Self {
        self.used = true;
        if self.buffer.len() >= FLUSH {
            self.flush();
        }
        self.buffer.push(kind);
        self
    }

    /// Adds a number.
    pub(crate) fn number(&mut self, number: i64) -> &mut Self {
        self.buffer.extend_from_slice(&number.to_le_bytes());
        self
    }

    /// Adds bytes.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.number(i64::try_from(bytes.len()).unwrap_or(i64::MAX));
        if bytes.len() >= FLUSH / 4 {
            self.flush();
            self.context.update(bytes);
        } else {
            self.buffer.extend_from_slice(bytes);
        }
        self
    }

    /// The hash in hex, and a fresh start; none if nothing was added.
    pub(crate) fn finish(&mut self) -> Option<String> {
        if !std::mem::take(&mut self.used) {
            return None;
        }
        self.flush();
        let hash = std::mem::replace(&mut self.context, Context::new(&SHA256)).finish();
        Some(hex(hash.as_ref()))
    }

    /// Forgets what was added.
    pub(crate) fn clear(&mut self) {
        self.buffer.clear();
        if std::mem::take(&mut self.used) {
            self.context = Context::new(&SHA256);
        }
    }

    fn flush(&mut self) {
        self.context.update(&self.buffer);
        self.buffer.clear();
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

const FLUSH: usize = 4 << 10;

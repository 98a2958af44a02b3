//! The live configuration: opened once, changed in one place, seen by all.

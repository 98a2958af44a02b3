//! The carehook binary.

fn main() {}

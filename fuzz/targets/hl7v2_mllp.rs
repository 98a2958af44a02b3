//! MLLP frames, however the bytes are cut.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hl7v2::fuzz::mllp(bytes));

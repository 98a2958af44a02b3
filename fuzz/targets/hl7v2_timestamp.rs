//! HL7 v2 timestamps.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hl7v2::fuzz::timestamp(bytes));

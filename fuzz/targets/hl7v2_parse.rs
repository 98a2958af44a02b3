//! HL7 v2 messages: read without loss, answered.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hl7v2::fuzz::parse(bytes));

//! HL7 v2 escapes in every character set.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hl7v2::fuzz::escape(bytes));

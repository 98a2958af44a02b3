//! Expressions: compiled or refused, then asked.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fhirpath::fuzz::compile(bytes));

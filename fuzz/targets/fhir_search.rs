//! Search filters, and the resource below them.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fhir::fuzz::search(bytes));

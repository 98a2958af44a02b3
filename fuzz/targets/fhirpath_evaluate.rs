//! An expression and JSON: decided within the limits.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fhirpath::fuzz::evaluate(bytes));

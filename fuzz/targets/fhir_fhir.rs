//! Bodies of the FHIR door.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fhir::fuzz::fhir(bytes));

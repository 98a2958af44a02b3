//! HL7 v2 messages mapped to FHIR.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fhir::fuzz::v2(bytes));

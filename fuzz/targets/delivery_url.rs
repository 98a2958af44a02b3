//! Destinations before the egress guard.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| delivery::fuzz::url_guard(bytes));

//! Calls at the door of third parties, for every preset.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| presets::fuzz::hook(bytes));

//! `cargo fuzz run evaluate`: see `trib_tests::fuzz::evaluate`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| trib_tests::fuzz::evaluate(data));

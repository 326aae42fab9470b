//! `cargo fuzz run check`: see `trib_tests::fuzz::check`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| trib_tests::fuzz::check(data));

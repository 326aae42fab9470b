//! `cargo fuzz run parse`: see `trib_tests::fuzz::parse`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| trib_tests::fuzz::parse(data));

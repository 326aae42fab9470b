//! `cargo fuzz run edited`: see `trib_tests::fuzz::edited`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| trib_tests::fuzz::edited(data));

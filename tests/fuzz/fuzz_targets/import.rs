//! `cargo fuzz run import`: see `trib_tests::fuzz::import`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| trib_tests::fuzz::import(data));

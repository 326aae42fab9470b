//! `cargo fuzz run bundle`: see `trib_tests::fuzz::bundle`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| trib_tests::fuzz::bundle(data));

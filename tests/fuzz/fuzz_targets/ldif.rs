//! `cargo fuzz run ldif`: see `trib_tests::fuzz::ldif`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| trib_tests::fuzz::ldif(data));

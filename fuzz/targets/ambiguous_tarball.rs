//! Tarballs that can be read in two ways, each byte of the input a choice of how: what the registry accepts, the store
//! unpacks to the same package.json.

#![no_main]

use fuzz::readers;
use libfuzzer_sys::fuzz_target;
use test_support::fixture::{Choices, ambiguous_tarball};

fuzz_target!(|choices: &[u8]| readers::agree(&ambiguous_tarball(&mut Choices::of(choices))));

//! Documents of vulnerability databases: what one says is vulnerable can be asked of a version.

#![no_main]

use libfuzzer_sys::fuzz_target;
use npm_semver::{Range, RangeOptions};
use registry_server::fuzzing;

fuzz_target!(|document: &[u8]| {
    let Ok(advisories) = fuzzing::advisories(document) else { return };
    let options = RangeOptions { loose: true, include_prerelease: true };
    for [package, vulnerable, patched] in advisories {
        for range in [vulnerable, patched] {
            Range::parse(&range, options).unwrap_or_else(|error| panic!("{package}: {range}: {error}"));
        }
    }
});

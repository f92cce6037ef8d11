//! A registry's settings: taken, or every mistake told with its place, and no secret in either.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use registry_server::settings::{RegistrySettings, parse_duration};

const SECRET: &str = "s3cr3t-that-nobody-guesses";

fuzz_target!(|text: &str| {
    let environment = |name: &str| name.len().is_multiple_of(2).then(|| SECRET.to_owned());
    let told = match RegistrySettings::parse(Path::new("registry.toml"), text, &environment) {
        Ok(settings) => format!("{settings:?}"),
        Err(error) => {
            assert!(!error.to_string().is_empty());
            format!("{error:?}")
        }
    };
    assert!(!told.contains(SECRET), "{told}");
    let _ = parse_duration(text);
});

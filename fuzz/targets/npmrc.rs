//! .npmrc: an edit changes its key and no other, and no secret shows where settings are shown.

#![no_main]

use std::path::PathBuf;

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use npm_formats::config::{Config, Context, EntryValue, Level, edit, parse, substitute};

const SECRET: &str = "s3cr3t-that-nobody-guesses";

fuzz_target!(|text: &str| {
    let entries = parse(text);
    let written = EntryValue::Text("a value".to_owned());
    let others =
        |text: &str| parse(text).into_iter().filter(|entry| entry.key != "edited").collect::<Vec<_>>();
    let added = edit(text, "edited", Some(&written));
    assert!(parse(&added).iter().any(|entry| entry.key == "edited" && entry.value == written), "{added}");
    assert_eq!(others(&added), others(text));
    let removed = edit(&added, "edited", None);
    assert!(!parse(&removed).iter().any(|entry| entry.key == "edited"), "{removed}");
    assert_eq!(others(&removed), others(text));
    let variable = |name: &str| (name.len() % 2 == 1).then(|| SECRET.to_owned());
    let _ = substitute(text, &variable);
    let context = Context {
        home: Some(PathBuf::from("/home")),
        working_directory: PathBuf::from("/project"),
        variable: &variable,
        time_zone: &|| TimeZone::UTC,
    };
    let mut config = Config::default();
    if config.load(Level::Project, "/project/.npmrc", &entries, &context).is_err() {
        return;
    }
    let _ = config.validate(&context).map(|invalid| invalid.len());
    let _ = config.authentication_problems();
    let _ = (config.omit(), config.save_prefix(), config.before(0), config.scope(), config.location());
    let _ = config.min_release_age_exclude();
    let _ = (config.registry(None), config.scoped_registries());
    let shown = format!("{:?}", config.credentials());
    let is_an_address = |text: &str| text.contains("//");
    assert!(!shown.contains(SECRET) || entries.iter().any(|entry| is_an_address(&entry.key)), "{shown}");
    for key in config.keys() {
        let _ = config.get(key).map(|value| value.to_json());
    }
});

//! Specifiers, ranges, versions, git addresses, licences and integrities: a line of the input is each of them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use npm_formats::hosted_git::{HostedGit, UrlOptions};
use npm_formats::integrity::Integrity;
use npm_formats::license::License;
use npm_formats::package_name::{PackageName, validate};
use npm_formats::specifier::{Place, Specifier};
use npm_semver::{CoerceOptions, Range, RangeOptions, Version, clean, coerce, diff, simplify};

const VERSIONS: [&str; 6] =
    ["0.0.0", "1.2.3", "1.2.3-rc.1", "2.0.0-0", "9007199254740991.0.0", "1.2.4+build"];

fuzz_target!(|text: &str| {
    let (first, second) = text.split_once('\n').unwrap_or((text, "1.0.0"));
    specifiers(first, second);
    for loose in [false, true] {
        for include_prerelease in [false, true] {
            range(first, RangeOptions { loose, include_prerelease });
        }
    }
    versions(first, second);
    if let Ok(integrity) = Integrity::parse(first) {
        let printed = integrity.to_string();
        assert_eq!(Integrity::parse(&printed).expect("what is printed can be read").to_string(), printed);
    }
    let _ = License::parse(first);
    if let Ok(name) = PackageName::parse(first) {
        assert_eq!(name.as_str(), first);
    }
    let _ = validate(first);
});

fn specifiers(first: &str, second: &str) {
    let place = Place { directory: "/project", home: Some("/home") };
    let resolved = Specifier::resolve(first, second, place);
    for specifier in [Specifier::parse(first, place), resolved].into_iter().flatten() {
        let _ = specifier.package_url(Some("https://registry.example/"));
        let _ =
            (specifier.escaped_name(), specifier.scope(), specifier.directory(), specifier.alias_target());
        // what is saved of a path is a URL: with slashes only, none at the end, without control characters or drives
        let is_plain =
            |text: &str| !text.ends_with('/') && !text.contains(|c: char| c == '\\' || c.is_control());
        let saved = specifier.save_spec().filter(|_| is_plain(first) && is_plain(second));
        let Some(saved) = saved else { continue };
        // what is written into package.json means the same when it is read
        let name = specifier.name().unwrap_or("pkg");
        let again = Specifier::resolve(name, saved, place).unwrap_or_else(|error| panic!("{saved}: {error}"));
        if saved.strip_prefix("file:").is_some_and(|path| path.contains(':')) {
            continue;
        }
        assert_eq!(again.kind().as_str(), specifier.kind().as_str(), "{saved}");
        assert_eq!(again.fetch_spec(), specifier.fetch_spec(), "{saved}");
    }
    if let Some(hosted) = HostedGit::parse(first) {
        let options = UrlOptions::default();
        let _ = (hosted.ssh(options), hosted.https(options), hosted.git(options), hosted.tarball());
        let _ = (hosted.browse(options), hosted.docs(options), hosted.bugs(), hosted.edit("a", options));
        let _ = hosted.shortcut(options);
    }
}

fn range(text: &str, options: RangeOptions) {
    let Ok(range) = Range::parse(text, options) else { return };
    let printed = range.to_string();
    let again = Range::parse(&printed, options).unwrap_or_else(|error| panic!("{printed}: {error}"));
    for version in VERSIONS {
        assert_eq!(
            range.satisfies_str(version),
            again.satisfies_str(version),
            "{text}: {printed}: {version}"
        );
    }
    let _ = simplify(&VERSIONS, text, options);
}

fn versions(first: &str, second: &str) {
    let _ = (clean(first, true), coerce(first, CoerceOptions::default()));
    for parsed in [Version::parse(first), Version::parse_loose(first)].into_iter().flatten() {
        let printed = parsed.with_build();
        // numbers that are too large for one keep their zeros, which is loose
        let again = Version::parse_loose(&printed).expect("what is printed can be read");
        assert_eq!(again.with_build(), printed);
        if let Ok(other) = Version::parse(second) {
            assert_eq!(diff(&parsed, &other).is_none(), parsed == other);
            assert_eq!(parsed.cmp(&other), other.cmp(&parsed).reverse());
        }
    }
}

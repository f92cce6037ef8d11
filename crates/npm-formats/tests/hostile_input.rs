//! Whatever the input: an answer or an error, never a panic.

use npm_formats::integrity::Integrity;
use npm_formats::json::{self, Document};
use npm_formats::license::License;
use npm_formats::lockfile::Lockfile;
use npm_formats::manifest::{Manifest, NoFolder, PackageJson, Person, Step};
use proptest::prelude::*;
use serde_json::{Map, Value};

/// Names that mean something somewhere, and some that mean nothing.
fn key() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "name",
        "version",
        "bin",
        "man",
        "directories",
        "dependencies",
        "devDependencies",
        "optionalDependencies",
        "peerDependencies",
        "peerDependenciesMeta",
        "bundleDependencies",
        "bundledDependencies",
        "scripts",
        "install",
        "repository",
        "repositories",
        "url",
        "bugs",
        "email",
        "web",
        "funding",
        "license",
        "author",
        "contributors",
        "keywords",
        "files",
        "homepage",
        "main",
        "types",
        "readme",
        "description",
        "workspaces",
        "packages",
        "lockfileVersion",
        "requires",
        "resolved",
        "integrity",
        "link",
        "from",
        "bundled",
        "",
        "node_modules/a",
        "node_modules/a/node_modules/@b/c",
        "packages/a",
        "a",
        "0",
        "__proto__",
        "constructor",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 1 => "\\PC{0,4}"]
}

fn text() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "1.0.0",
        "^1.0.0",
        "file:../x",
        "file:a.tgz",
        "npm:b@1",
        "git+ssh://git@github.com/a/b.git#c",
        "a/b",
        "../../x",
        "https://registry.example/a/-/a-1.0.0.tgz",
        "sha512-aaaa",
        "A <b@c> (d)",
        "MIT OR Apache-2.0",
        "packages/a",
        "*",
    ]);
    prop_oneof![2 => known.prop_map(str::to_owned), 1 => "\\PC{0,8}"]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            3 => prop::collection::vec((key(), inner), 0..6).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn object() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::vec((key(), value()), 0..8).prop_map(|members| members.into_iter().collect())
}

proptest! {
    // Large inputs: fewer of them keep the suite fast.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_package_json_is_normalized_or_refused(members in object()) {
        for steps in [Step::INSTALLED, Step::REGISTRY, Step::PUBLISH, Step::FIX] {
            let _ = Manifest::normalize_with_notes(members.clone(), steps, Some(&NoFolder));
        }
        let manifest = Manifest::from_installed(members, &NoFolder);
        // Nothing that leaves the package is left.
        for (name, path) in manifest.bin() {
            prop_assert!(!name.contains(['/', '\\']) && name != "..");
            prop_assert!(!path.starts_with("../") && !path.contains("/../") && !path.starts_with('/') && !path.contains('\\'));
        }
        let _ = (manifest.workspaces(), manifest.funding(), manifest.repository(), manifest.author());
    }

    #[test]
    fn any_lockfile_is_read_or_refused(members in object()) {
        let text = json::print(&Value::Object(members.clone()), " ");
        if let Ok(mut lockfile) = Lockfile::parse("package-lock.json", text.as_bytes()) {
            lockfile.fill_packages("/project", &members);
            lockfile.fill_dependencies("/project", &|_, _| None);
            lockfile.lockfile_version = 2;
            prop_assert!(Lockfile::parse("package-lock.json", lockfile.print().as_bytes()).is_ok());
            let _ = lockfile.print_hidden();
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = Document::parse("x", &bytes).map_err(|error| error.excerpt());
        let _ = Lockfile::parse("x", &bytes);
    }

    #[test]
    fn any_conflict_is_merged_or_refused(a in object(), b in object(), c in object()) {
        let [a, b, c] = [a, b, c].map(|members| json::print(&Value::Object(members), " "));
        let text = format!("<<<<<<< x\n{a}\n||||||| y\n{b}\n=======\n{c}\n>>>>>>> z\n");
        let _ = Lockfile::parse("x", text.as_bytes());
    }

    #[test]
    fn any_path_edits_or_is_refused(members in object(), path in "[a-c0-2\\[\\].x-]{0,12}", value in value()) {
        let text = json::print(&Value::Object(members), "  ");
        let Ok(file) = PackageJson::parse("x", text.as_bytes()) else { return Ok(()) };
        let _ = file.get(&[&path]);
        for force in [false, true] {
            let _ = file.clone().set(&path, &value, force);
        }
        let _ = file.clone().delete(&path);
    }

    #[test]
    fn any_word_is_read_or_refused(text in "\\PC{0,24}") {
        let _ = (License::parse(&text), Integrity::parse(&text).map(|integrity| integrity.to_string()), Person::parse(&text));
    }

    #[test]
    fn what_was_printed_reads_as_the_same(value in value(), indent in "[ \t]{0,4}") {
        let text = json::print(&value, &indent);
        let again = json::parse_text("x", &text).unwrap();
        prop_assert_eq!(json::print(&again, &indent), text);
    }
}

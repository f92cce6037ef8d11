//! Whatever is published: an answer or an error, never a panic, and nothing is taken that clients would see otherwise.
//!
//! More of it: `PROPTEST_CASES=200000 cargo test --release -p registry-server hostile_input`.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use test_support::fixture::EntryKind;
use test_support::{FixturePackage, TarballBuilder, publication};

use crate::PackageName;
use crate::fuzzing::{Intake, tarball};

/// Texts that mean something somewhere.
fn text() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "",
        "name",
        "version",
        "1.0.0",
        "1.0.0+b",
        "pkg",
        "@a/pkg",
        "latest",
        "../../x",
        "pkg-1.0.0.tgz",
        "data",
        "length",
        "sha512-AAAA",
        "__proto__",
        "constructor",
        "node install.js",
        "\u{0}",
        "\u{202e}",
        "deprecated",
        "dist",
        "tarball",
        "integrity",
        "shasum",
        "scripts",
        "bin",
        "dependencies",
        "bundleDependencies",
        "optionalDependencies",
        "peerDependencies",
        "postinstall",
        "readme",
        "maintainers",
        "users",
        "versions",
        "dist-tags",
        "_attachments",
        "_id",
        "access",
        "AAAA",
        "????",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 1 => "\\PC{0,6}"]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Puts a value somewhere into another one: which way down is told by numbers.
fn put(into: &mut Value, way: &[u8], new: Value) {
    let Some((step, rest)) = way.split_first() else {
        *into = new;
        return;
    };
    let next = match into {
        Value::Object(members) => {
            let count = members.len().max(1);
            members.values_mut().nth(usize::from(*step) % count)
        }
        Value::Array(values) => {
            let count = values.len().max(1);
            values.get_mut(usize::from(*step) % count)
        }
        _ => None,
    };
    match next {
        Some(next) => put(next, rest, new),
        None => *into = new,
    }
}

/// An entry of a tarball, in its folder or out of it.
fn entry() -> impl Strategy<Value = Vec<u8>> {
    let path = prop::collection::vec(
        prop::sample::select(vec![
            "package",
            "package.json",
            ".",
            "",
            "x",
            "PACKAGE.JSON",
            "binding.gyp",
            "a\\package.json",
            "..",
        ]),
        1..4,
    );
    let kind =
        prop::sample::select(vec![b'0', b'0', b'0', 0, b'1', b'2', b'5', b'7', b'g', b'x', b'L', b'S', b'3']);
    let contents = prop_oneof![
        Just(r#"{"name":"pkg","version":"1.0.0"}"#.to_owned()),
        Just(r#"{"name":"pkg","version":"1.0.0","scripts":{"install":"x"}}"#.to_owned()),
        Just("30 path=package/package.json\n".to_owned()),
        Just("12 size=512\n".to_owned()),
        Just("package/package.json\0".to_owned()),
        Just(String::new()),
    ];
    (path, kind, contents, prop::option::weighted(0.1, 0_u64..2000)).prop_map(
        |(path, kind, contents, size)| {
            let size = size.unwrap_or(contents.len() as u64);
            let header = TarballBuilder::new().header(&path.join("/"), &EntryKind::Other(kind), 0o644, size);
            let mut tar = header.body(contents.as_bytes()).tar();
            tar.truncate(tar.len() - 1024);
            tar
        },
    )
}

/// A tarball of such entries, with blocks of zeros between them and parts of gzip.
fn packed() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        6 => entry(),
        1 => Just(vec![0; 512]),
        1 => prop::collection::vec(any::<u8>(), 0..600),
    ];
    (
        prop::collection::vec((part, prop::bool::weighted(0.1)), 0..6),
        0_usize..4,
        prop::collection::vec((any::<u16>(), any::<u8>()), 0..2),
    )
        .prop_map(|(parts, zeros, flips)| {
            let honest = TarballBuilder::new().file(
                "package/package.json",
                0o644,
                r#"{"name":"pkg","version":"1.0.0"}"#,
            );
            let mut tar = honest.tar();
            tar.truncate(tar.len() - 1024);
            let mut packed = Vec::new();
            for (part, ends) in parts {
                tar.extend(part);
                if ends {
                    packed.extend(gzip(&std::mem::take(&mut tar)));
                }
            }
            tar.extend(vec![0; zeros * 512]);
            for (at, flip) in flips {
                let at = usize::from(at) % tar.len().max(1);
                if let Some(byte) = tar.get_mut(at) {
                    *byte ^= flip;
                }
            }
            packed.extend(gzip(&tar));
            packed
        })
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("written into memory");
    encoder.finish().expect("written into memory")
}

/// The package.json that a reader gets who forgives as npm 11.19.1 does: it goes on after one block of zeros and after
/// headers that are wrong, takes files of old kinds, cleans up paths, and what comes later replaces what came before.
fn forgiving(packed: &[u8]) -> Option<Vec<u8>> {
    let mut tar = Vec::new();
    let _ = MultiGzDecoder::new(packed).read_to_end(&mut tar);
    let (mut at, mut zeros, mut found) = (0, 0, None);
    let mut next: HashMap<String, String> = HashMap::new();
    while let Some(block) = tar.get(at..at + 512) {
        at += 512;
        if block.iter().all(|byte| *byte == 0) {
            zeros += 1;
            if zeros == 2 {
                break;
            }
            continue;
        }
        zeros = 0;
        let octal = |range: std::ops::Range<usize>| -> Option<usize> {
            let text = String::from_utf8_lossy(&block[range]).into_owned();
            usize::from_str_radix(text.trim_matches([' ', '\0']), 8).ok()
        };
        let sum: usize = (block.iter().enumerate())
            .map(|(place, byte)| if (148..156).contains(&place) { 32 } else { usize::from(*byte) })
            .sum();
        if octal(148..156) != Some(sum) {
            continue;
        }
        let name = |range: std::ops::Range<usize>| {
            let bytes = block[range].split(|byte| *byte == 0).next().unwrap_or_default();
            String::from_utf8_lossy(bytes).into_owned()
        };
        let path = next.get("path").cloned().unwrap_or_else(|| name(0..100));
        let mut size = next.get("size").and_then(|size| size.parse().ok()).or(octal(124..136)).unwrap_or(0);
        let kind = match block[156] {
            b'0' | 0 if path.ends_with('/') => b'5',
            kind => kind,
        };
        if kind == b'5' {
            size = 0;
        }
        let contents = tar.get(at..(at + size).min(tar.len())).unwrap_or_default();
        at += size.div_ceil(512) * 512;
        match kind {
            b'x' | b'g' => {
                for line in String::from_utf8_lossy(contents).lines() {
                    let record = line.split_once(' ').and_then(|(_, record)| record.split_once('='));
                    next.extend(record.map(|(key, value)| (key.to_owned(), value.to_owned())));
                }
                continue;
            }
            b'L' => {
                let path = String::from_utf8_lossy(contents).trim_matches('\0').to_owned();
                next.insert("path".to_owned(), path);
                continue;
            }
            b'0' | 0 | b'7' if contents.len() == size => {
                let parts: Vec<&str> =
                    path.split(['/', '\\']).filter(|part| !part.is_empty() && *part != ".").collect();
                if matches!(parts.as_slice(), [_, file] if file.eq_ignore_ascii_case("package.json")) {
                    found = Some(contents.to_vec());
                }
            }
            _ => {}
        }
        next.clear();
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_body_is_read_or_refused(
        edits in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..5), value()), 0..4),
        cut in prop::option::weighted(0.1, any::<prop::sample::Index>()),
    ) {
        let mut body = publication(&FixturePackage::new("pkg", "1.0.0").script("install", "x").bin("pkg", "x.js"));
        for (way, new) in edits {
            put(&mut body, &way, new);
        }
        let mut text = body.to_string().into_bytes();
        if let Some(cut) = cut {
            text.truncate(cut.index(text.len()));
        }
        let name = PackageName::parse("pkg").expect("a name");
        let folder = tempfile::tempdir().expect("a folder");
        let intake = Intake::open(folder.path()).expect("a folder");
        if let Ok(Some(accepted)) = intake.accept(&name, &text) {
            for manifest in [&accepted.manifest, &accepted.packed] {
                prop_assert_eq!(manifest.get("name"), Some(&json!("pkg")));
                prop_assert_eq!(manifest.get("version").and_then(Value::as_str), Some("1.0.0"));
            }
        }
    }

    #[test]
    fn any_tarball_is_read_as_clients_read_it_or_refused(packed in packed()) {
        if let Ok(contents) = tarball(&packed) {
            let theirs = forgiving(&packed).expect("clients find a package.json too");
            let theirs: Map<String, Value> = serde_json::from_slice(&theirs).expect("and it is one");
            prop_assert_eq!(contents.manifest, theirs);
        }
    }

    #[test]
    fn any_bytes_are_no_tarball_but_no_panic_either(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(tarball(&bytes).is_err());
        let _ = tarball(&gzip(&bytes));
    }
}

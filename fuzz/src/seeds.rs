//! Writes what the fuzz targets begin with: `seeds CORPUS DICTIONARIES` makes a folder for each target with inputs out of
//! the repository's fixtures and tables, and a file of the words in them, which a mutation would take long to guess.

#![forbid(unsafe_code)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

// what is linked here reports its coverage to someone
use libfuzzer_sys as _;
use npm_formats::bundle::{EntryHead, broken_frame, end_frame, head_frame, part_frame, whole_frame};
use npm_formats::config::DEFINITIONS;
use registry_server::settings::RegistrySettings;
use serde_json::{Value, json};
use test_support::fixture::{EntryKind, packument_of};
use test_support::oracle::Random;
use test_support::{FixturePackage, TarballBuilder, publication};

/// Words longer than this are texts.
const LONGEST_WORD: usize = 40;
/// Words of one dictionary.
const MOST_WORDS: usize = 400;

fn main() {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [corpus, dictionaries] = arguments.as_slice() else { panic!("seeds CORPUS DICTIONARIES") };
    fs::create_dir_all(dictionaries).expect("a folder for dictionaries");
    for (target, seeds) in all() {
        let folder = corpus.join(target);
        fs::create_dir_all(&folder).expect("a folder for seeds");
        for (number, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("seed-{number}")), seed).expect("written");
        }
        fs::write(dictionaries.join(target), dictionary(&seeds)).expect("written");
    }
}

fn all() -> Vec<(&'static str, Vec<Vec<u8>>)> {
    vec![
        ("publication", publications()),
        ("tarball", tarballs()),
        ("ambiguous_tarball", choices()),
        ("packument", packuments()),
        ("package_lock", lockfiles()),
        ("package_json", manifests()),
        ("npmrc", npmrcs()),
        ("specifier", specifiers()),
        ("registry_settings", settings()),
        ("bundle", bundles()),
        ("advisory", advisories()),
        ("advisory_archive", vec![archive()]),
        ("readme", readmes()),
    ]
}

/// What stands in quotation marks, and what else looks like a word, in the form that libFuzzer reads.
fn dictionary(seeds: &[Vec<u8>]) -> String {
    let mut words: BTreeSet<String> = BTreeSet::new();
    for seed in seeds {
        let Ok(text) = std::str::from_utf8(seed) else { continue };
        let is_break = |character: char| character.is_whitespace() || "\"',=[]{}()<>".contains(character);
        let fits = |word: &&str| word.len() > 1 && word.len() <= LONGEST_WORD && word.is_ascii();
        words.extend(text.split(is_break).filter(fits).map(str::to_owned));
    }
    let step = words.len().div_ceil(MOST_WORDS).max(1);
    let quoted = |word: &String| format!("\"{}\"\n", word.replace('\\', "\\\\"));
    words.iter().filter(|word| !word.chars().any(char::is_control)).step_by(step).map(quoted).collect()
}

/// A file of the repository.
fn file(path: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The rows of one of npm-formats' tables, each `nth` of them.
fn rows(table: &str, nth: usize) -> Vec<Value> {
    let text = file(&format!("crates/npm-formats/tests/tables/{table}.json"));
    let rows: Vec<Value> = serde_json::from_slice(&text).expect("a table");
    rows.into_iter().step_by(nth).collect()
}

fn package() -> FixturePackage {
    FixturePackage::new("pkg", "1.0.0")
        .dependency("a", "^1.0.0")
        .optional_dependency("b", "~2.0.0")
        .peer_dependency("c", "*")
        .bin("pkg", "bin.js")
        .script("postinstall", "node build")
        .file("README.md", "# pkg\n")
}

fn publications() -> Vec<Vec<u8>> {
    let whole = publication(&package());
    let mut attested = whole.clone();
    let digest = "00".repeat(64);
    let statement = json!({ "predicateType": "x", "subject": [{ "name": "pkg:npm/pkg@1.0.0", "digest": { "sha512": digest } }] });
    let payload = base64_simd::STANDARD.encode_to_string(statement.to_string());
    let bundle = json!({ "mediaType": "x", "dsseEnvelope": { "payload": payload } }).to_string();
    attested["_attachments"]["pkg-1.0.0.sigstore"] = json!({ "data": bundle, "length": bundle.len() });
    let mut edited = whole.clone();
    edited.as_object_mut().expect("an object").remove("_attachments");
    edited["versions"]["1.0.0"]["deprecated"] = json!("do not");
    let bodies = [
        whole.clone(),
        publication(&FixturePackage::new("pkg", "1.0.0")),
        attested,
        edited,
        json!({ "_id": "pkg", "_rev": "1-x", "maintainers": [{ "name": "a", "email": "a@registry.example" }] }),
        json!({ "_id": "pkg", "_rev": "1-x", "users": { "a": true } }),
    ];
    let mut texts: Vec<Vec<u8>> = bodies.iter().map(|body| body.to_string().into_bytes()).collect();
    texts.push(
        whole.to_string().replace("_attachments", "\\u005fattachments").replace('/', "\\/").into_bytes(),
    );
    texts
}

fn tarballs() -> Vec<Vec<u8>> {
    const FILE: &str = "package/package.json";
    const MANIFEST: &str = r#"{"name":"pkg","version":"1.0.0"}"#;
    let honest = || TarballBuilder::new().file(FILE, 0o644, MANIFEST);
    let long = |kind: u8, name: &str| honest().entry("././@LongLink", EntryKind::Other(kind), 0o644, name);
    [
        honest(),
        honest().file("package/bin/x", 0o755, "#!/usr/bin/env node\n"),
        honest().file(FILE, 0o755, MANIFEST),
        honest().pax(&[("path", "package/x"), ("size", "3"), ("mtime", "1")]).file("package/y", 0o644, "xyz"),
        honest().entry("pax_global_header", EntryKind::Other(b'g'), 0o644, "13 comment=1\n").file(
            "package/y",
            0o644,
            "y",
        ),
        long(b'L', "package/a-long-name\0").file("package/y", 0o644, "y"),
        long(b'K', "target\0").symlink("package/y", "x"),
        honest().hardlink("package/y", FILE).directory("package/lib").file(
            "package/lib/.gitignore",
            0o644,
            "x",
        ),
        honest().file("package/npm-shrinkwrap.json", 0o644, "{}").file("package/binding.gyp", 0o644, "{}"),
        honest().file("package/./lib//x", 0o644, "").entry("package/x", EntryKind::Other(b'7'), 0o644, "x"),
    ]
    .into_iter()
    .map(|builder| [vec![0], builder.tar()].concat())
    .collect()
}

fn choices() -> Vec<Vec<u8>> {
    let mut random = Random::new(1);
    (0..64)
        .map(|_| random.between(4, 120))
        .collect::<Vec<_>>()
        .into_iter()
        .map(|length| random.bytes(length))
        .collect()
}

fn packuments() -> Vec<Vec<u8>> {
    let versions = [
        package().published("2026-01-01T00:00:00.000Z"),
        FixturePackage::new("pkg", "1.1.0").deprecated("do not").os(&["linux"]).engine("node", ">=20"),
        FixturePackage::new("pkg", "2.0.0-rc.1").tag("next").bundled("a"),
    ];
    let mut whole = packument_of(&versions);
    let mut texts = vec![whole.to_string().into_bytes(), serde_json::to_vec_pretty(&whole).expect("JSON")];
    whole["readme"] = json!("# pkg \u{e9}\u{1f600}\\\"\u{7f}");
    whole["versions"]["1.0.0"]["dist"]["signatures"] = json!([{ "keyid": "x", "sig": "y" }]);
    texts.push(whole.to_string().into_bytes());
    texts
}

fn lockfiles() -> Vec<Vec<u8>> {
    let mut texts = vec![file("crates/npm-formats/tests/fixtures/package-lock.json")];
    texts.extend(rows("upgrade", 3).iter().map(|row| row["lockfile"].to_string().into_bytes()));
    texts.extend(rows("legacy", 3).iter().map(|row| {
        json!({ "lockfileVersion": 2, "requires": true, "packages": row["packages"], "dependencies": row["dependencies"] })
            .to_string()
            .into_bytes()
    }));
    texts.extend(
        rows("conflicts", 8).iter().filter_map(|row| Some(row["text"].as_str()?.as_bytes().to_vec())),
    );
    texts
}

fn manifests() -> Vec<Vec<u8>> {
    let mut texts = vec![serde_json::to_vec_pretty(&package().package_json()).expect("JSON")];
    texts.extend(rows("manifest", 7).iter().map(|row| row["members"].to_string().into_bytes()));
    texts.extend(rows("json", 5).iter().filter_map(|row| Some(row["text"].as_str()?.as_bytes().to_vec())));
    texts
}

fn npmrcs() -> Vec<Vec<u8>> {
    let known: String =
        DEFINITIONS.iter().map(|definition| format!("{}={}\n", definition.key, definition.key)).collect();
    let texts = [
        known.as_str(),
        "registry=https://registry.example/\n@acme:registry=https://acme.example/npm/\n",
        "//registry.example/:_authToken=${NPM_TOKEN}\n//registry.example/:username=a\n//registry.example/:_password=eA==\n",
        "; a comment\n# another\nkey = \"quoted = \\\"x\\\"\"\nomit[]=dev\nomit[]=optional\n[section]\nkey=value\n",
        "before=2026-01-01\nmin-release-age=3\nsave-prefix=~\ncache=~/cache\ncafile=./ca.pem\nfund=false\nproxy=null\n",
        "edited=1\nedited[]=2\nescaped=\\;\\#\\\\\nempty=\nflag\n",
    ];
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn specifiers() -> Vec<Vec<u8>> {
    let texts = |row: &Value| {
        let words: Vec<&str> = row.as_array()?.iter().skip(1).filter_map(Value::as_str).collect();
        Some(words.join("\n").into_bytes())
    };
    let mut all: Vec<Vec<u8>> = rows("specifiers", 7).iter().filter_map(texts).collect();
    all.extend(rows("hosted_git", 11).iter().filter_map(texts));
    for text in [
        "^1.2.3 || ~2.0 - 3.x",
        ">=1.2.3-rc.1 <2\n1.2.4+build",
        "1.2.3 - 2",
        "v1.2.3-0.a+b",
        "sha512-AAAA?x sha1-BBBB",
        "(MIT OR Apache-2.0+) AND GPL-2.0-only WITH Classpath-exception-2.0",
    ] {
        all.push(text.as_bytes().to_vec());
    }
    all
}

fn settings() -> Vec<Vec<u8>> {
    let whole = RegistrySettings::default_file();
    let uncommented: Vec<&str> = whole
        .lines()
        .map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line))
        .filter(|line| !line.starts_with('#'))
        .collect();
    let mut texts = vec![uncommented.join("\n")];
    // a section alone is changed sooner than all of them
    texts.extend(uncommented.join("\n").split("\n[").skip(1).map(|section| format!("[{section}\n")));
    texts.into_iter().map(String::into_bytes).collect()
}

fn bundles() -> Vec<Vec<u8>> {
    let head = EntryHead {
        name: "@s/a".to_owned(),
        file: Some("a-1.0.0.tgz".to_owned()),
        version: None,
        status: 200,
        headers: vec![("etag".to_owned(), "\"x\"".to_owned())],
    };
    let pieces = [
        vec![head_frame(&head)],
        part_frame(vec![7; 30].into()).to_vec(),
        vec![whole_frame(), head_frame(&head), broken_frame(), end_frame(true), end_frame(false)],
    ];
    let resolve = json!({ "form": "full", "wanted": [{ "name": "a", "spec": "^1" }], "has": ["b"], "tag": "latest",
        "before": 1, "beforeExclude": ["c"], "nodeVersion": "24.0.0", "npmVersion": "11.0.0", "legacyPeerDeps": true });
    let missing = json!({ "tarballs": [{ "name": "@s/a", "file": "a-1.0.0.tgz" }], "manifests": [{ "name": "b", "version": "1.0.0" }] });
    vec![pieces.concat().concat(), resolve.to_string().into_bytes(), missing.to_string().into_bytes()]
}

fn advisories() -> Vec<Vec<u8>> {
    let events = json!([{ "introduced": "0" }, { "fixed": "1.2.0" }, { "introduced": "2.0.0-rc.1" }, { "last_affected": "2.1.0" }]);
    let documents = [
        json!({
            "id": "GHSA-aaaa-bbbb-cccc", "modified": "2026-01-02T03:04:05.678901Z", "published": "2026-01-01T00:00:00Z",
            "aliases": ["CVE-2026-1"], "summary": "It is bad", "details": "Very bad",
            "severity": [{ "type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:L/A:H" }],
            "affected": [{
                "package": { "name": "pkg", "ecosystem": "npm" },
                "ranges": [{ "type": "SEMVER", "events": events }, { "type": "ECOSYSTEM", "events": [{ "introduced": "3.0.0" }, { "limit": "4.0.0" }] }],
                "versions": ["5.0.0", "5.0.1"],
                "database_specific": { "last_known_affected_version_range": "<= 1.1.9", "cwes": [{ "cweId": "CWE-506" }] },
            }],
            "references": [{ "type": "WEB", "url": "https://registry.example/" }],
            "database_specific": { "cwe_ids": ["CWE-79"], "severity": "MODERATE" },
        }),
        json!({
            "id": "MAL-2026-7", "modified": "2026-01-02T03:04:05Z", "withdrawn": "2026-02-01T00:00:00Z",
            "severity": [{ "type": "CVSS_V4", "score": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N" }],
            "affected": [{ "package": { "name": "@s/evil", "ecosystem": "npm" }, "versions": ["1.0.0"] }],
        }),
    ];
    documents.iter().map(|document| document.to_string().into_bytes()).collect()
}

/// A zip file of one stored document.
fn archive() -> Vec<u8> {
    let document = advisories().swap_remove(1);
    let (name, size) = (b"MAL-2026-7.json", u32::try_from(document.len()).expect("short"));
    let sizes = [size.to_le_bytes(), size.to_le_bytes()].concat();
    let lengths = [(name.len() as u16).to_le_bytes(), [0, 0]].concat();
    // version, flags, method, time, date, sum
    let common = [&[20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], &sizes, &lengths].concat();
    let mut zip = [&b"PK\x03\x04"[..], &common, name, &document].concat();
    let start = zip.len() as u32;
    zip.extend([&b"PK\x01\x02\x14\0"[..], &common, &[0; 14], name].concat());
    let length = zip.len() as u32 - start;
    zip.extend(
        [&b"PK\x05\x06\0\0\0\0\x01\0\x01\0"[..], &length.to_le_bytes(), &start.to_le_bytes(), &[0, 0]]
            .concat(),
    );
    zip
}

fn readmes() -> Vec<Vec<u8>> {
    let mut texts = vec![file("README.md"), file("deploy/README.md")];
    for text in [
        "# a <b>b</b> `c`\n\n> [!NOTE]\n> x\n\n- [ ] y\n- [x] z[^1]\n\n[^1]: note\n\n| a | b |\n|---|:-:|\n| 1 | ~~2~~ |\n",
        "---\ntitle: x\n---\n<details><summary>s</summary><img src=\"x.png\" alt=\"y\" onerror=z></details>\n",
        "[a](javascript:x) [b](../c#d 'title') <https://registry.example> ![i](data:x) <a href=\"mailto:x\" id=y>z</a>\n",
        "<script>x</script><style>y</style><svg><a xlink:href=z></svg><math><mi//xlink:href=\"x\">\n```html\n<p>\n```\n",
        "1. a\n   - b\n     > c\n\nTerm\n===\n\n***bold* text**\\\n&amp;&#x41;&nbsp;\n",
    ] {
        texts.push(text.as_bytes().to_vec());
    }
    texts
}

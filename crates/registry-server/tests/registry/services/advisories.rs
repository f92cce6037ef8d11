//! Audits answered from an imported vulnerability database, by all three endpoints.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use registry_server::{ImportedAdvisories, RegistryError};
use serde_json::{Value, json};
use test_support::{Answer, FixturePackage, Keeping, Recorder};

use super::served::Served;

const BULK: &str = "/-/npm/v1/security/advisories/bulk";
const QUICK: &str = "/-/npm/v1/security/audits/quick";

fn document(id: &str, modified: &str, package: &str, fixed: &str) -> Value {
    json!({
        "id": id,
        "modified": modified,
        "aliases": ["CVE-2026-1"],
        "summary": format!("{package} is bad"),
        "details": "At length.",
        "affected": [{
            "package": { "name": package, "ecosystem": "npm" },
            "ranges": [{ "type": "SEMVER", "events": [{ "introduced": "0" }, { "fixed": fixed }] }],
        }],
        "database_specific": { "severity": "HIGH", "cwe_ids": ["CWE-400"] },
    })
}

/// An archive of files, each deflated or stored; `wide` with sizes and places in 64 bits, as there are with many files.
fn archive(files: &[(&str, &str)], wide: bool) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (index, (name, text)) in files.iter().enumerate() {
        let is_deflated = index % 2 == 0;
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).expect("memory");
        let packed = if is_deflated { encoder.finish().expect("memory") } else { text.as_bytes().to_vec() };
        let header = bytes.len();
        // sizes stand behind the file, as who writes without looking back has it
        bytes.extend(b"PK\x03\x04\x14\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
        bytes.extend(u16::try_from(name.len()).expect("a name").to_le_bytes());
        bytes.extend(0_u16.to_le_bytes());
        bytes.extend(name.as_bytes());
        bytes.extend(&packed);
        directory.extend(b"PK\x01\x02\x14\0\x14\0\x08\0");
        directory.extend(if is_deflated { 8_u16 } else { 0 }.to_le_bytes());
        directory.extend([0; 8]);
        let sizes = [packed.len(), text.len()];
        let mut extra = Vec::new();
        if wide {
            directory.extend([0xff; 8]);
            extra.extend([9, 0, 2, 0, 1, 1]);
            extra.extend([1, 0, 24, 0]);
            for number in [text.len(), packed.len(), header] {
                extra.extend((number as u64).to_le_bytes());
            }
        } else {
            directory.extend(sizes.iter().flat_map(|size| (*size as u32).to_le_bytes()));
        }
        directory.extend(u16::try_from(name.len()).expect("a name").to_le_bytes());
        directory.extend(u16::try_from(extra.len()).expect("a field").to_le_bytes());
        directory.extend([0; 10]);
        directory.extend(if wide { u32::MAX } else { header as u32 }.to_le_bytes());
        directory.extend(name.as_bytes());
        directory.extend(extra);
    }
    let (at, size) = (bytes.len(), directory.len());
    bytes.extend(directory);
    if wide {
        let end = bytes.len() as u64;
        bytes.extend(b"PK\x06\x06");
        bytes.extend([0; 36]);
        bytes.extend((size as u64).to_le_bytes());
        bytes.extend((at as u64).to_le_bytes());
        bytes.extend(b"PK\x06\x07\0\0\0\0");
        bytes.extend(end.to_le_bytes());
        bytes.extend([1, 0, 0, 0]);
    }
    bytes.extend(b"PK\x05\x06\0\0\0\0\0\0\0\0");
    for number in [size, at] {
        bytes.extend(if wide { u32::MAX } else { number as u32 }.to_le_bytes());
    }
    bytes.extend([3, 0]);
    bytes.extend(b"end");
    bytes
}

fn import(served: &Served, name: &str, bytes: &[u8]) -> Result<ImportedAdvisories, RegistryError> {
    let path = served.folder.path().join(name);
    std::fs::write(&path, bytes).expect("a file");
    served.runtime.block_on(served.registry.import_advisories(&path))
}

fn packed(value: &Value) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(value.to_string().as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

#[track_caller]
fn ask(served: &Served, path: &str, body: &Value) -> Value {
    let answer = served.send("POST", path, &[("Content-Encoding", "gzip")], &packed(body));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[test]
fn a_database_is_imported_whole_and_again_and_what_is_withdrawn_goes() {
    for keeping in Keeping::all() {
        let served = Served::keeping(keeping, "", |_| {});
        let one = document("GHSA-aaaa-aaaa-aaaa", "2026-01-01T00:00:00Z", "one", "1.2.0").to_string();
        let two = document("GHSA-bbbb-bbbb-bbbb", "2026-01-01T00:00:00Z", "@s/two", "2.0.0").to_string();
        let files = [("a.json", one.as_str()), ("b.json", &two), ("c.json", "no JSON"), ("readme.txt", "x")];
        for wide in [false, true] {
            let imported = import(&served, "all.zip", &archive(&files, wide)).expect("an archive");
            let changed = if wide { 0 } else { 2 };
            assert_eq!((imported.read, imported.changed, imported.unreadable), (3, changed, 1), "{wide}");
            assert!(imported.problems[0].contains("all.zip/c.json: "), "{:?}", imported.problems);
        }
        let installed = json!({ "one": ["1.0.0", "1.2.0"], "@s/two": ["2.0.0"], "three": ["1.0.0"], "x": 1 });
        let known = ask(&served, BULK, &installed);
        assert_eq!(known.as_object().map(serde_json::Map::len), Some(1), "{known}");
        let told = &known["one"][0];
        assert_eq!(
            (&told["severity"], &told["vulnerable_versions"], &told["cwe"], &told["title"]),
            (&json!("high"), &json!("<1.2.0"), &json!(["CWE-400"]), &json!("one is bad"))
        );
        assert!(told["id"].as_u64().is_some_and(|id| id < 1 << 48));

        // an older state changes nothing, a newer one does
        let older = document("GHSA-aaaa-aaaa-aaaa", "2025-12-01T00:00:00Z", "one", "9.0.0").to_string();
        assert_eq!(import(&served, "older.json", older.as_bytes()).expect("a document").changed, 0);
        let mut newer = document("GHSA-aaaa-aaaa-aaaa", "2026-01-03T00:00:00Z", "renamed", "9.0.0");
        assert_eq!(import(&served, "newer.json", newer.to_string().as_bytes()).expect("it").changed, 1);
        let installed = json!({ "one": ["1.0.0"], "renamed": ["8.0.0-rc.1"] });
        assert_eq!(ask(&served, BULK, &installed)["renamed"][0]["vulnerable_versions"], "<9.0.0");
        assert!(ask(&served, BULK, &installed).get("one").is_none());
        newer["withdrawn"] = json!("2026-01-04T00:00:00Z");
        newer["modified"] = json!("2026-01-04T00:00:00Z");
        assert_eq!(import(&served, "gone.json", newer.to_string().as_bytes()).expect("it").withdrawn, 1);
        assert_eq!(ask(&served, BULK, &installed), json!({}));
    }
}

#[test]
fn archives_that_lie_are_refused() {
    let served = Served::by("");
    let one = document("GHSA-aaaa-aaaa-aaaa", "2026-01-01T00:00:00Z", "one", "1.2.0").to_string();
    let whole = archive(&[("a.json", &one)], false);
    let end = whole.len() - 25;
    let changed = |at: usize, to: &[u8]| {
        let mut bytes = whole.clone();
        bytes[at..at + to.len()].copy_from_slice(to);
        bytes
    };
    for (what, bytes) in [
        ("cut off", whole[..end].to_vec()),
        ("a list outside", changed(end + 16, &[0xff, 0xff, 0xff, 0x7f])),
        ("a list of another length", changed(end + 12, &[7, 0, 0, 0])),
    ] {
        assert!(import(&served, "all.zip", &bytes).is_err(), "{what}");
    }
    // what one file lies about is that file's
    let directory = whole.len() - 25 - 46 - 6;
    for (what, at, to) in [
        ("another length", directory + 24, &[1, 0, 0, 0]),
        ("larger than any document", directory + 24, &[0, 0, 0, 0x7f]),
        ("another place", directory + 42, &[5, 0, 0, 0]),
        ("packed otherwise", directory + 10, &[12, 0, 0, 0]),
    ] {
        let imported =
            import(&served, "all.zip", &changed(at, if at == directory + 10 { &to[..2] } else { to }));
        assert_eq!(imported.expect("an archive").unreadable, 1, "{what}");
    }
    assert!(import(&served, "one.json", b"{}").is_err());
    assert_eq!(import(&served, "all.zip", &whole).expect("an archive").changed, 1);
}

#[test]
fn upstreams_are_asked_or_not_as_the_settings_say_and_nothing_is_told_twice() {
    let upstream = Recorder::start();
    let theirs = json!({ "id": 7, "url": "https://advisories.example/GHSA-aaaa-aaaa-aaaa", "title": "theirs",
        "severity": "low", "vulnerable_versions": "<2" });
    for (source, asks, expected) in [
        ("upstream", 1, json!(["theirs"])),
        ("local", 0, json!(["one is bad", "other"])),
        ("both", 1, json!(["theirs", "other"])),
    ] {
        upstream.answer("POST", BULK, Answer::json(200, &json!({ "one": [theirs] })));
        let served = Served::by(&format!(
            "[[upstream]]\nname = \"up\"\nurl = \"{}\"\n[names]\nrules = [{{ names = \"*\", from = \"up\" }}]\n\
             [advisories]\nsource = \"{source}\"",
            upstream.url()
        ));
        let same = document("GHSA-aaaa-aaaa-aaaa", "2026-01-01T00:00:00Z", "one", "1.2.0");
        let mut other = document("MAL-1", "2026-01-01T00:00:00Z", "one", "9.0.0");
        other["summary"] = json!("other");
        for document in [same, other] {
            import(&served, "one.json", document.to_string().as_bytes()).expect("a document");
        }
        let known = ask(&served, BULK, &json!({ "one": ["1.0.0"] }));
        let titles: Vec<&Value> =
            known["one"].as_array().expect("a list").iter().map(|one| &one["title"]).collect();
        assert_eq!(json!(titles), expected, "{source}");
        assert_eq!(upstream.take_requests().len(), asks, "{source}");
    }
}

#[test]
fn clients_before_npm_7_get_their_report_with_versions_that_help() {
    let served = Served::by("");
    for version in ["1.0.0", "1.2.0", "2.0.0"] {
        served.publish(&FixturePackage::new("one", version));
    }
    let one = document("GHSA-aaaa-aaaa-aaaa", "2026-01-01T00:00:00Z", "one", "1.2.0");
    import(&served, "one.json", one.to_string().as_bytes()).expect("a document");
    let tree = json!({
        "name": "project", "version": "1.0.0", "install": [], "remove": [], "metadata": { "npm_version": "6.14.18" },
        "requires": { "one": "^1.0.0" },
        "dependencies": { "one": { "version": "1.0.0", "requires": {} }, "clean": { "version": "1.0.0" } },
    });
    for path in [QUICK, "/-/npm/v1/security/audits"] {
        let report = ask(&served, path, &tree);
        assert_eq!(report["actions"][0]["target"], "1.2.0", "{report}");
        let id = report["actions"][0]["resolves"][0]["id"].to_string();
        let advisory = &report["advisories"][&id];
        assert_eq!(
            (&advisory["patched_versions"], &advisory["overview"], &advisory["cves"]),
            (&json!(">=1.2.0"), &json!("At length."), &json!(["CVE-2026-1"]))
        );
        assert_eq!(report["metadata"]["vulnerabilities"]["high"], 1);
        assert_eq!(report["muted"], json!([]));
    }
    let deep = format!("{}1{}", "{\"dependencies\":{\"a\":".repeat(500), "}}".repeat(500));
    for wrong in [&b"[]"[..], b"", b"\x1f\x8b", deep.as_bytes()] {
        assert_eq!(served.send("POST", QUICK, &[], wrong).status, 400);
    }
    assert_eq!(served.get(QUICK).status, 405);
}

//! The body of a publication: what the scanner takes out of it while it arrives is what a parser finds in it, however it
//! comes, and what is accepted agrees with itself.

#![no_main]

use std::sync::LazyLock;

use fuzz::readers;
use libfuzzer_sys::fuzz_target;
use registry_server::PackageName;
use registry_server::fuzzing::Intake;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

static INTAKE: LazyLock<Intake> = LazyLock::new(|| Intake::open(fuzz::folder()).expect("a folder"));
static NAME: LazyLock<PackageName> = LazyLock::new(|| PackageName::parse("pkg").expect("a name"));

fuzz_target!(|body: &[u8]| {
    let scanned = INTAKE.scan(body, usize::MAX);
    assert_eq!(scanned, INTAKE.scan(body, 1), "whole and byte by byte");
    if let (Ok(scanned), Ok(mut expected)) = (&scanned, serde_json::from_slice::<Value>(body)) {
        let document: Value = serde_json::from_slice(&scanned.document).expect("JSON stays JSON");
        blank_tarballs(&mut expected);
        assert_eq!(document, expected);
    }
    let Ok(Some(accepted)) = INTAKE.accept(&NAME, body) else { return };
    serde_json::from_slice::<IgnoredAny>(body).expect("what is accepted is JSON");
    // halves of characters may be in what is not kept, and are in no Value
    let Ok(document) = serde_json::from_slice::<Value>(body) else { return };
    let data = document["_attachments"][&accepted.file]["data"].as_str().expect("the tarball's data");
    assert_eq!(base64_simd::STANDARD.decode_to_vec(data).ok(), Some(accepted.tarball.clone()));
    for manifest in [&accepted.manifest, &accepted.packed] {
        assert_eq!(manifest["name"], "pkg");
        let version = manifest["version"].as_str().expect("a version");
        let parsed = npm_semver::Version::parse(version.trim().trim_start_matches(['=', 'v']));
        assert_eq!(parsed.expect("a version").to_string(), accepted.version);
    }
    assert_eq!(
        accepted.manifest.get("dependencies"),
        document["versions"][&accepted.version].get("dependencies")
    );
    readers::agree(&accepted.tarball);
});

fn blank_tarballs(document: &mut Value) {
    let Some(attachments) = document.get_mut("_attachments").and_then(Value::as_object_mut) else { return };
    for (_, attachment) in attachments.iter_mut().filter(|(file, _)| file.ends_with(".tgz")) {
        if let Some(data) = attachment.get_mut("data").filter(|data| data.is_string()) {
            *data = json!("");
        }
    }
}

//! What an upstream answers: as the registry renders it, and as the client keeps it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use npm_formats::packument::Packument as Kept;
use registry_server::{Form, PackageName, Packument, compact_json};
use serde_json::Value;

fuzz_target!(|text: &[u8]| {
    let compact = compact_json(text);
    let [before, after] = [text, &compact].map(|text| serde_json::from_slice::<Value>(text).ok());
    assert!(before.is_none() || before == after);
    rendered(text);
    kept(text);
});

fn rendered(text: &[u8]) {
    let name = PackageName::parse("pkg").expect("a name");
    let Ok(packument) = Packument::render(&name, text) else { return };
    for form in [Form::Full, Form::Abbreviated] {
        let document = packument.document(form, "http://registry.example/");
        let document: Value = serde_json::from_slice(&document).expect("what is rendered is JSON");
        // one without a name is served without one
        assert!(document.get("name").is_none_or(|name| name == "pkg"));
        for version in document["versions"].as_object().into_iter().flat_map(|versions| versions.keys()) {
            let manifest = packument.manifest(version, "http://registry.example/").expect("a version of it");
            serde_json::from_slice::<Value>(&manifest).expect("a manifest is JSON");
        }
    }
    serde_json::from_slice::<Value>(&packument.dist_tags()).expect("tags are JSON");
}

fn kept(text: &[u8]) {
    let Ok(packument) = Kept::parse("pkg", text) else { return };
    assert!(packument.text() == text, "the text is kept as it came");
    let again = Kept::decode("pkg", packument.encode().into()).expect("what was encoded is decoded");
    assert!(again.text() == text);
    assert_eq!(again.dist_tags(), packument.dist_tags());
    assert_eq!(again.versions().len(), packument.versions().len());
    for (version, same) in packument.versions().iter().zip(again.versions()) {
        assert_eq!((version.text(), version.time()), (same.text(), same.time()));
        assert_eq!(packument.manifest(version).ok(), again.manifest(same).ok());
        assert!(packument.version(version.text()).is_some());
    }
    // what the disk made of a kept packument is read or refused as well
    let _ = Kept::decode("pkg", text.to_vec().into());
}

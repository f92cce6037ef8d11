//! package.json: what is read is printed and read as the same again, nothing that leaves the package is left of a
//! normalised one, and edits do what they say.

#![no_main]

use libfuzzer_sys::fuzz_target;
use npm_formats::json;
use npm_formats::manifest::{Manifest, NoFolder, PackageJson, Step};

fuzz_target!(|text: &[u8]| {
    if let Ok(value) = json::parse("package.json", text) {
        let printed = json::print(&value, "  ");
        let again = json::parse_text("package.json", &printed).expect("what is printed can be read");
        // 1E3 is printed as 1000, as JavaScript does, and is a whole number then
        assert_eq!(json::print(&again, "  "), printed);
    }
    let Ok(mut file) = PackageJson::parse("package.json", text) else { return };
    let again =
        PackageJson::parse("package.json", file.print().as_bytes()).expect("what is printed can be read");
    let print = |file: &PackageJson| json::print(&file.members().clone().into(), "  ");
    assert_eq!(print(&again), print(&file));
    for steps in [Step::INSTALLED, Step::REGISTRY, Step::PUBLISH, Step::FIX] {
        let _ = Manifest::normalize_with_notes(file.members().clone(), steps, Some(&NoFolder));
    }
    let manifest = Manifest::from_installed(file.members().clone(), &NoFolder);
    for (name, path) in manifest.bin() {
        assert!(!name.contains(['/', '\\']) && name != "..", "{name}");
        let leaves = path.starts_with(['/', '\\']) || path.split(['/', '\\']).any(|part| part == "..");
        assert!(!leaves, "{path}");
    }
    let _ = (
        manifest.workspaces(),
        manifest.funding(),
        manifest.repository(),
        manifest.author(),
        manifest.license(),
    );
    let _ = (manifest.bugs(), manifest.contributors(), manifest.overrides(), manifest.has_install_script());
    let name = file.members().keys().next_back().cloned().unwrap_or_default();
    let value = file.members().values().next().cloned().unwrap_or_default();
    if file.set(&name, &value, false).is_ok() {
        let _ = file.get(&[&name]);
        let _ = file.delete(&name);
    }
    let _ = file.fix(Some(&NoFolder));
    PackageJson::parse("package.json", file.print().as_bytes()).expect("what was edited can be read");
});

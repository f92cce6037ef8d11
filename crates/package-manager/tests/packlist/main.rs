//! What is packed, held against what npm 11.19.1 packs of the same folders.
//!
//! `cases.jsonl` was recorded by `record.cjs`; `KNIT_PACKLIST_CASES` names another recording.

use std::fs;
use std::path::Path;

use serde_json::Value;

fn lay_out(root: &Path, files: &Value) {
    for (path, content) in files.as_object().expect("an object of files") {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("below the root")).expect("a folder");
        match content {
            Value::String(text) => fs::write(&path, text).expect("a file"),
            other => {
                let target = other["link"].as_str().expect("a link");
                std::os::unix::fs::symlink(target, &path).expect("a link");
            }
        }
    }
}

#[test]
fn folders_are_packed_as_npm_packs_them() {
    let file = std::env::var_os("KNIT_PACKLIST_CASES")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packlist/cases.jsonl"), Into::into);
    let cases = fs::read_to_string(file).expect("recorded cases");
    let mut wrong = 0;
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).expect("a case");
        let root = tempfile::tempdir().expect("a temporary folder");
        let folder = root.path().canonicalize().expect("its real path").join("package");
        lay_out(&folder, &case["files"]);
        let packed = package_manager::packlist::files(&folder).expect("a list");
        if serde_json::json!(packed) != case["packed"] {
            wrong += 1;
            if wrong <= 5 {
                eprintln!("{}\n  knit: {packed:?}\n  npm:  {}\n", case["files"], case["packed"]);
            }
        }
    }
    assert_eq!(wrong, 0, "of {}", cases.lines().count());
}

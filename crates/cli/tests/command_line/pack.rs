//! Tarballs of packages. Names, JSON and the archive inside were compared with npm 11.19.1.

use std::io::Read as _;

use flate2::read::GzDecoder;
use insta::assert_snapshot;
use serde_json::{Value, json};
use test_support::{FixturePackage, TestRegistry};

use crate::sandbox::Sandbox;

/// A package with files of every kind.
fn package() -> Sandbox {
    let sandbox = Sandbox::new();
    let long = format!("project/{}/{}/long.txt", "d".repeat(90), "e".repeat(60));
    sandbox
        .file("project/package.json", r#"{"name":"@scope/one","version":"1.2.3","bin":{"one":"bin/one.js"}}"#)
        .file("project/README.md", "# One\n")
        .file("project/index.js", "module.exports = 1;\n")
        .file("project/bin/one.js", "#!/usr/bin/env node\n")
        .file("project/ünïcode.js", "")
        .file("project/lib/file10.js", "10")
        .file("project/lib/file9.js", "9")
        .file(&long, "far away\n")
        .file("project/.npmignore", "*.secret\n")
        .file("project/key.secret", "hidden");
    sandbox
}

fn unpacked(sandbox: &Sandbox, file: &str) -> Vec<u8> {
    let packed = std::fs::read(sandbox.path(file)).expect("a tarball");
    let mut archive = Vec::new();
    GzDecoder::new(&packed[..]).read_to_end(&mut archive).expect("gzip");
    archive
}

/// Type, mode, owner, time, size and path of every header, as the bytes have them.
fn headers(archive: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let mut at = 0;
    while archive[at..at + 512].iter().any(|byte| *byte != 0) {
        let field = |start: usize, size: usize| {
            let bytes = &archive[at + start..at + start + size];
            String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned()
        };
        let size = usize::from_str_radix(field(124, 12).trim(), 8).expect("a size");
        let owner = if archive[at + 108..at + 124].iter().all(|byte| *byte == 0) { "-" } else { "somebody" };
        found.push(format!(
            "{} {:?} {owner} {:?} {size} {}|{}",
            field(156, 1),
            field(100, 8),
            field(136, 12),
            field(345, 155),
            field(0, 100)
        ));
        at += 512 + size.next_multiple_of(512);
    }
    assert_eq!(archive.len() - at, 1024, "two empty blocks end the archive");
    found
}

#[test]
fn the_archive_is_what_npm_makes_of_the_same_files() {
    let sandbox = package();
    assert!(sandbox.knit(&["pack"]).contains("exit: 0"));
    assert_snapshot!(headers(&unpacked(&sandbox, "project/scope-one-1.2.3.tgz")).join("\n"));
}

#[test]
fn the_same_files_give_the_same_bytes_whatever_their_times_and_owners_permissions() {
    let packed = |sandbox: &Sandbox| {
        sandbox.knit(&["pack", "--pack-destination", "../home"]);
        std::fs::read(sandbox.path("home/scope-one-1.2.3.tgz")).expect("a tarball")
    };
    let (first, second) = (package(), package());
    let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
    let file = std::fs::File::options().append(true).open(second.path("project/index.js")).expect("there");
    file.set_modified(old).expect("set");
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(second.path("project/README.md"), std::fs::Permissions::from_mode(0o666))
        .expect("set");
    assert_eq!(packed(&first), packed(&second));
    second.file("project/index.js", "module.exports = 2;\n");
    assert_ne!(packed(&first), packed(&second));
}

#[test]
fn what_was_packed_is_told() {
    let sandbox = package();
    let said = sandbox.knit(&["pack", "--dry-run"]);
    assert!(!sandbox.path("project/scope-one-1.2.3.tgz").exists());
    let told: Vec<&str> = said
        .lines()
        .filter(|line| {
            !line.starts_with("shasum") && !line.starts_with("integrity") && !line.starts_with("package size")
        })
        .collect();
    assert_snapshot!(told.join("\n"));
    let json = sandbox.knit(&["pack", "--dry-run", "--json"]);
    let json: Value = serde_json::from_str(json.split_once("--- stdout\n").expect("output").1).expect("JSON");
    let only = &json[0];
    let keys: Vec<&str> = only.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "id",
            "name",
            "version",
            "size",
            "unpackedSize",
            "shasum",
            "integrity",
            "filename",
            "files",
            "entryCount",
            "bundled"
        ]
    );
    assert_eq!(only["filename"], "scope-one-1.2.3.tgz");
    assert_eq!(only["files"][1], json!({"path": "bin/one.js", "size": 20, "mode": 0o755}));
    assert_eq!(only["entryCount"], 8);
}

#[test]
fn scripts_run_around_packing_and_decide_what_is_packed() {
    let sandbox = Sandbox::new();
    let scripts = json!({
        "prepack": "echo built > built.js",
        "prepare": "test -f built.js && echo prepared > prepared.js",
        "postpack": "rm built.js prepared.js && test -f one-1.0.0.tgz && echo $npm_package_integrity > home",
    });
    let manifest = json!({"name": "one", "version": "1.0.0", "scripts": scripts});
    sandbox.file("project/package.json", &manifest.to_string());
    let said = sandbox.knit(&["pack"]);
    assert!(said.contains("exit: 0") && said.contains("> one@1.0.0 prepack\n"), "{said}");
    let archive = String::from_utf8_lossy(&unpacked(&sandbox, "project/one-1.0.0.tgz")).into_owned();
    assert!(archive.contains("package/built.js") && archive.contains("package/prepared.js"));
    assert!(!sandbox.path("project/built.js").exists());
    assert!(sandbox.read("project/home").starts_with("sha512-"));
    let ignored = sandbox.knit(&["pack", "--ignore-scripts", "--dry-run"]);
    assert!(ignored.contains("exit: 0") && !ignored.contains("prepack"), "{ignored}");
    sandbox
        .file("project/package.json", r#"{"name":"one","version":"1.0.0","scripts":{"prepack":"exit 7"}}"#);
    let failed = sandbox.knit(&["pack"]);
    assert!(failed.contains("exit: 7") && failed.contains("error[ELIFECYCLE]"), "{failed}");
}

#[test]
fn tarballs_and_packages_of_registries_are_packed_as_they_are() {
    let registry = TestRegistry::with([
        FixturePackage::new("tool", "1.0.0"),
        FixturePackage::new("tool", "1.1.0"),
        FixturePackage::new("tool", "2.0.0"),
    ]);
    let mut sandbox = package();
    sandbox.set("npm_config_registry", &registry.url());
    let said = sandbox.knit(&["pack", "-s", "tool@^1", "tool@1.0.0"]);
    assert!(said.contains("--- stdout\ntool-1.1.0.tgz\ntool-1.0.0.tgz\n"), "{said}");
    let published = FixturePackage::new("tool", "1.1.0").tarball();
    let kept = std::fs::read(sandbox.path("project/tool-1.1.0.tgz")).expect("a tarball");
    assert!(kept == published.to_vec(), "the registry's own bytes");
    sandbox.knit(&["pack", "-s", "./tool-1.1.0.tgz", "--pack-destination", "../home"]);
    assert_eq!(std::fs::read(sandbox.path("home/tool-1.1.0.tgz")).expect("a tarball"), kept);
}

#[test]
fn workspaces_are_packed_by_selection_and_by_where_the_command_starts() {
    let mut sandbox = Sandbox::new();
    sandbox
        .file("project/package.json", r#"{"name":"root","version":"1.0.0","workspaces":["packages/*"]}"#)
        .file("project/packages/a/package.json", r#"{"name":"a","version":"1.0.0"}"#)
        .file("project/packages/b/package.json", r#"{"name":"b","version":"2.0.0"}"#);
    for (line, expected) in [
        (&["pack", "-s", "--ws"][..], "a-1.0.0.tgz\nb-2.0.0.tgz\n"),
        (&["pack", "-s", "-w", "b"], "b-2.0.0.tgz\n"),
        (&["pack", "-s", "--ws", "--iwr"], "root-1.0.0.tgz\na-1.0.0.tgz\nb-2.0.0.tgz\n"),
        (&["pack", "-s", "./packages/a"], "a-1.0.0.tgz\n"),
        (&["pack", "-s"], "root-1.0.0.tgz\n"),
    ] {
        let said = sandbox.knit(line);
        assert!(said.ends_with(&format!("exit: 0\n--- stdout\n{expected}")), "{said}");
    }
    sandbox.enter("project/packages/b");
    assert!(sandbox.knit(&["pack", "-s"]).ends_with("--- stdout\nb-2.0.0.tgz\n"));
    assert!(sandbox.path("project/packages/b/b-2.0.0.tgz").exists());
}

#[test]
fn what_cannot_be_packed_is_told_with_what_to_do() {
    let sandbox = Sandbox::new();
    sandbox
        .file("project/nameless/package.json", r#"{"version":"1.0.0"}"#)
        .file("project/good/package.json", r#"{"name":"good","version":"1.0.0"}"#)
        .file("project/broken.tgz", "no tarball");
    assert_snapshot!(sandbox.knit_all(&[
        "pack",
        "pack ./nameless",
        "pack ./broken.tgz",
        "pack ./good --pack-destination nowhere",
        "pack ./absent.tgz",
    ]));
}

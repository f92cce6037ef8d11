//! Tarballs and metadata made to hurt whoever reads them.

use std::fmt::Write as _;

use serde_json::json;
use test_support::{FixturePackage, TarballBuilder, TestProject, TestRegistry};

use super::surroundings;
use crate::world::{assert_refused, assert_store_is_whole, depend_on, package, project};

const MANIFEST: &str = "{\"name\":\"hostile\",\"version\":\"1.0.0\"}";

fn wanting_hostile(registry: &TestRegistry) -> TestProject {
    let project = project(registry);
    depend_on(&project, &[("hostile", "1.0.0")]);
    project
}

#[test]
fn entries_cannot_leave_the_package() {
    let plain = || TarballBuilder::new().file("package/package.json", 0o644, MANIFEST);
    let rows = [
        plain().file("package/../../../../evil", 0o644, "x"),
        plain().file("../../../../evil", 0o644, "x"),
        plain().file("/tmp/../evil", 0o644, "x"),
        plain().file("package/..\\..\\evil", 0o644, "x"),
        plain().symlink("package/out", "../../..").file("package/out/evil", 0o644, "x"),
        plain().symlink("package/out", "/").file("package/out/evil", 0o644, "x"),
        plain().symlink("package/secret", "../../../home/.npmrc"),
        plain().hardlink("package/secret", "../../../home/.npmrc"),
        plain().hardlink("package/secret", "/etc/passwd"),
        plain().pax(&[("path", "package/../../../evil")]).file("package/a", 0o644, "x"),
        plain().pax(&[("linkpath", "/etc/passwd")]).hardlink("package/a", "package/package.json"),
        plain().file("package/node_modules/../../evil", 0o644, "x"),
    ];
    for (row, tarball) in rows.into_iter().enumerate() {
        let registry =
            TestRegistry::with([FixturePackage::new("hostile", "1.0.0").with_tarball(tarball.gzip())]);
        let project = wanting_hostile(&registry);
        let run = project.run(["install"]);
        assert!(matches!(run.code, Some(0 | 1)), "{row}: {}", run.to_snapshot());
        let tree = project.tree("");
        assert!(
            !tree.lines().any(|line| line.starts_with("evil") || line.starts_with("node_modules/evil")),
            "{row}: {tree}"
        );
        assert!(!tree.contains(" -> "), "{row}: {tree}");
        assert!(!tree.contains("hostile/secret"), "{row}: {tree}");
        assert!(!surroundings(&project).contains("evil"), "{row}");
        assert_store_is_whole(&project);
    }
}

#[test]
fn bombs_do_not_go_off() {
    let zeros = vec![0_u8; 64 << 20];
    let mut builder = TarballBuilder::new().file("package/package.json", 0o644, MANIFEST);
    for number in 0..5 {
        builder = builder.file(&format!("package/{number}"), 0o644, &zeros);
    }
    let registry = TestRegistry::with([FixturePackage::new("hostile", "1.0.0").with_tarball(builder.gzip())]);
    let project = wanting_hostile(&registry);
    let run = project.run(["install"]);
    assert_refused(&run, &["ETOOLARGE", "hostile@1.0.0", "/hostile/-/hostile-1.0.0.tgz", "limit"]);
    assert!(!project.exists("node_modules/hostile"));
    assert_eq!(assert_store_is_whole(&project), 0);
}

#[test]
fn headers_that_lie_about_sizes_are_refused() {
    let lie = TarballBuilder::new()
        .file("package/package.json", 0o644, MANIFEST)
        .pax(&[("size", "99999999999999999999")])
        .file("package/a", 0o644, "x");
    let registry = TestRegistry::with([FixturePackage::new("hostile", "1.0.0").with_tarball(lie.gzip())]);
    let run = wanting_hostile(&registry).run(["install"]);
    assert_refused(&run, &["TAR_BAD_ARCHIVE", "hostile@1.0.0"]);
}

#[test]
fn deep_nesting_is_survived() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(200_000), close.repeat(200_000));
    let documents = [
        format!("{{\"name\":\"hostile\",\"version\":\"1.0.0\",\"x\":{}}}", deep("[", "]")),
        format!(
            "{{\"name\":\"hostile\",\"version\":\"1.0.0\",\"x\":{}1{}}}",
            "{\"a\":".repeat(200_000),
            "}".repeat(200_000)
        ),
    ];
    for document in documents {
        // in the tarball
        let tarball = TarballBuilder::new().file("package/package.json", 0o644, &document).gzip();
        let registry = TestRegistry::with([FixturePackage::new("hostile", "1.0.0").with_tarball(tarball)]);
        let run = wanting_hostile(&registry).run(["install"]);
        assert!(matches!(run.code, Some(0 | 1)), "{}", run.to_snapshot());
        assert!(!run.stderr.contains("panicked"), "{}", run.to_snapshot());
        // in the registry's metadata
        let registry = TestRegistry::with([package("good", "1.0.0")]);
        registry.fault(
            "/hostile",
            test_support::Fault::Replaced(document.clone().into_bytes()),
            test_support::Times::Always,
        );
        assert_refused(&wanting_hostile(&registry).run(["install"]), &["hostile"]);
        // in the project
        for file in ["package.json", "package-lock.json"] {
            let project = wanting_hostile(&registry);
            project.write(file, &document);
            let run = project.run(["install"]);
            assert_refused(&run, &[file]);
        }
    }
    let ranges = [
        "(".repeat(100_000),
        "1 || ".repeat(100_000),
        ">".repeat(100_000),
        "npm:".repeat(50_000),
        "@".repeat(100_000),
    ];
    for range in ranges {
        let registry = TestRegistry::with([package("hostile", "1.0.0").dependency("a", &range)]);
        let run = wanting_hostile(&registry).run(["install"]);
        assert!(matches!(run.code, Some(0 | 1)), "{}", &run.to_snapshot()[..400]);
    }
}

#[test]
fn a_huge_packument_is_read_in_no_time() {
    let registry = TestRegistry::with([package("hostile", "1.0.0")]);
    let tarball = format!("{}hostile/-/hostile-1.0.0.tgz", registry.url());
    let integrity = package("hostile", "1.0.0").integrity();
    let mut versions = String::new();
    for number in 0..40_000 {
        write!(versions, "\"0.0.{number}\":{{\"name\":\"hostile\",\"version\":\"0.0.{number}\",\"dist\":{{\"tarball\":\"{tarball}\"}},\"filler\":\"{}\"}},", "x".repeat(400))
            .expect("writing into memory");
    }
    let dist = json!({ "tarball": tarball, "integrity": integrity });
    let document = format!(
        "{{\"name\":\"hostile\",\"dist-tags\":{{\"latest\":\"1.0.0\"}},\"versions\":{{{versions}\"1.0.0\":{{\"name\":\"hostile\",\"version\":\"1.0.0\",\"dist\":{dist}}}}}}}"
    );
    registry.put_packument("hostile", document.as_bytes());
    let project = wanting_hostile(&registry);
    project.run(["install"]).success();
    assert!(project.exists("node_modules/hostile/index.js"));
}

#[test]
fn what_is_bundled_does_not_take_other_places() {
    let registry = TestRegistry::with([
        FixturePackage::new("hostile", "1.0.0").bundled("inner").with_tarball(
            TarballBuilder::new()
                .file(
                    "package/package.json",
                    0o644,
                    "{\"name\":\"hostile\",\"version\":\"1.0.0\",\"bundleDependencies\":[\"inner\"]}",
                )
                .file(
                    "package/node_modules/inner/package.json",
                    0o644,
                    "{\"name\":\"../../victim\",\"version\":\"1.0.0\",\"bin\":{\"victim\":\"x.js\"}}",
                )
                .file("package/node_modules/inner/x.js", 0o644, "evil")
                .file("package/node_modules/.bin/victim", 0o755, "evil")
                .gzip(),
        ),
        package("victim", "1.0.0").bin("victim", "index.js"),
    ]);
    let project = project(&registry);
    depend_on(&project, &[("hostile", "1.0.0"), ("victim", "1.0.0")]);
    project.run(["install"]).success();
    assert!(project.read("node_modules/.bin/victim").contains("victim@1.0.0"));
    assert!(project.read("node_modules/victim/index.js").contains("victim@1.0.0"));
}

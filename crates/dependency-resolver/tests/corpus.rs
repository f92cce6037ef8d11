//! Real projects, resolved from recorded metadata: the lockfiles are npm's, byte for byte.
//!
//! `tests/corpus.zst` was made by `xtask record-corpus` from projects whose lockfiles npm 11.19.1 wrote on Node
//! 20.20.2, Linux x64 with glibc, before 2026-11-01, with `omit-lockfile-registry-resolved`.

use std::collections::HashMap;

use dependency_resolver::{
    Contents, FetchError, LockfileOptions, Metadata, Options, Packed, Platform, Request, ResolveError, Start,
    Update, build_ideal_tree, fill_lockfile,
};
use npm_formats::lockfile::Lockfile;
use npm_formats::manifest::normalize_registry_manifest;
use npm_formats::packument::Packument;
use npm_formats::specifier::Specifier;
use npm_semver::Version;
use serde_json::{Map, Value};
use test_support::recorded_metadata::RecordedMetadata;

/// 2026-11-01 in milliseconds since 1970.
const BEFORE: i64 = 1_793_491_200_000;

struct Recording<'a> {
    recorded: &'a RecordedMetadata,
    parsed: HashMap<String, Packument>,
}

impl Metadata for Recording<'_> {
    fn packument(&mut self, name: &str) -> Result<Packument, FetchError> {
        if let Some(known) = self.parsed.get(name) {
            return Ok(known.clone());
        }
        let bytes = self.recorded.packument(name);
        let bytes = bytes.ok_or_else(|| FetchError::new("E404", format!("{name} was not recorded")))?;
        let packument = Packument::parse(name, bytes).expect("a packument");
        self.parsed.insert(name.to_owned(), packument.clone());
        Ok(packument)
    }

    fn manifest(&mut self, specifier: &Specifier) -> Result<Map<String, Value>, FetchError> {
        panic!("{} is in no registry", specifier.raw_spec())
    }

    fn folder(&mut self, path: &str) -> Option<Map<String, Value>> {
        panic!("{path} was not recorded")
    }

    fn contents(&mut self, package: &Packed<'_>) -> Result<Contents, FetchError> {
        let packages = self.recorded.bundled(package.name, package.version).expect("a recorded set");
        Ok(Contents { packages, shrinkwrap: None })
    }
}

fn resolve(package: Map<String, Value>, recording: &mut Recording<'_>) -> Result<String, ResolveError> {
    let mut options = Options::new(Platform {
        os: "linux".to_owned(),
        cpu: "x64".to_owned(),
        libc: Some("glibc".to_owned()),
        node_version: Version::parse("20.20.2").expect("a version"),
        npm_version: Version::parse("11.19.1").expect("a version"),
    });
    options.before = Some(BEFORE);
    let start = Start {
        path: "/project".to_owned(),
        package: normalize_registry_manifest(package),
        workspaces: Vec::new(),
        folders: HashMap::new(),
        lockfile: None,
        has_lockfile: false,
        installed: Vec::new(),
        update: Update::Nothing,
    };
    let ideal = build_ideal_tree(start, &Request::default(), &options, recording)?;
    let mut lockfile = Lockfile::default();
    fill_lockfile(&ideal.tree, ideal.root, &mut lockfile, LockfileOptions { omit_registry_resolved: true });
    Ok(lockfile.print())
}

fn first_difference(name: &str, expected: &str, found: &str) -> String {
    let same = expected.lines().zip(found.lines()).take_while(|(a, b)| a == b).count();
    let line = |text: &str| text.lines().nth(same).unwrap_or("the end").trim().to_owned();
    format!("{name}, line {}: npm has {}, the resolver {}", same + 1, line(expected), line(found))
}

fn compare_all() {
    let recorded = RecordedMetadata::from_bytes(include_bytes!("corpus.zst")).expect("a recorded set");
    let mut recording = Recording { recorded: &recorded, parsed: HashMap::new() };
    let mut different = Vec::new();
    let projects = recorded.projects().expect("projects");
    assert!(projects.len() >= 24, "the corpus has lost projects");
    for (name, project) in projects {
        match resolve(project.package, &mut recording) {
            Ok(found) if found == project.lockfile => {}
            Ok(found) => different.push(first_difference(name, &project.lockfile, &found)),
            Err(error) => different.push(format!("{name}: {error}")),
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn lockfiles_of_real_projects_are_those_of_npm() {
    // peer sets are loaded by recursion
    let comparing = std::thread::Builder::new().stack_size(64 << 20).spawn(compare_all).expect("a thread");
    if let Err(panic) = comparing.join() {
        std::panic::resume_unwind(panic);
    }
}

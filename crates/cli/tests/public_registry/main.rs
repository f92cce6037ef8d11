//! What only a real registry can show. Needs the one that knit was built for, and npm beside it.
//!
//! These tests fail where it cannot be reached, and say so; `KNIT_WITHOUT_PUBLIC_REGISTRY=1` leaves them out.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Packages published later do not change what is expected here.
const BEFORE: &str = "--before=2026-11-01T00:00:00.000Z";

/// A directory with a home and a project in it.
struct World {
    root: tempfile::TempDir,
}

impl World {
    /// `None` where the tests are to be left out.
    fn new(manifest: &str) -> Option<World> {
        if std::env::var_os("KNIT_WITHOUT_PUBLIC_REGISTRY").is_some_and(|value| value == "1") {
            println!("left out: KNIT_WITHOUT_PUBLIC_REGISTRY is set");
            return None;
        }
        let world = World { root: tempfile::tempdir().expect("a directory") };
        for name in ["home", "knit", "npm"] {
            std::fs::create_dir(world.path(name)).expect("a directory");
        }
        for project in ["knit", "npm"] {
            std::fs::write(world.path(project).join("package.json"), manifest).expect("a manifest");
        }
        let ping = world.run(&world.path("knit"), env!("CARGO_BIN_EXE_knit"), &["ping"]);
        assert!(
            ping.status.success(),
            "the public registry cannot be reached, which these tests need (KNIT_WITHOUT_PUBLIC_REGISTRY=1 leaves \
             them out):\n{}",
            String::from_utf8_lossy(&ping.stderr)
        );
        Some(world)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn run(&self, directory: &Path, program: &str, arguments: &[&str]) -> Output {
        Command::new(program)
            .args(arguments)
            .current_dir(directory)
            .env("HOME", self.path("home"))
            .env("npm_config_audit", "false")
            .env("npm_config_update_notifier", "false")
            .output()
            .unwrap_or_else(|error| panic!("{program} does not start: {error}"))
    }

    /// Standard output of a command that must succeed.
    fn succeed(&self, directory: &Path, program: &str, arguments: &[&str]) -> String {
        let output = self.run(directory, program, arguments);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{program} {arguments:?}:\n{out}\n{err}");
        out.into_owned()
    }

    fn knit(&self, arguments: &[&str]) -> String {
        self.succeed(&self.path("knit"), env!("CARGO_BIN_EXE_knit"), arguments)
    }

    fn read(&self, project: &str, file: &str) -> String {
        let path = self.path(project).join(file);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

#[test]
fn express_is_installed_and_runs() {
    let Some(world) = World::new(r#"{"name":"shop","version":"1.0.0"}"#) else { return };
    world.knit(&["install", "express@5"]);
    let program = "const app = require('express')(); app.get('/', () => {}); console.log(typeof app.listen)";
    assert_eq!(world.succeed(&world.path("knit"), "node", &["-e", program]).trim(), "function");
    assert!(world.knit(&["ls"]).contains("express@5."), "the tree names it");
    assert!(world.knit(&["install"]).contains("up to date"));
    let installed = world.read("knit", "node_modules/.package-lock.json");
    std::fs::remove_dir_all(world.path("knit").join("node_modules")).expect("removed");
    world.knit(&["ci", "--offline"]);
    assert_eq!(world.read("knit", "node_modules/.package-lock.json"), installed);
}

#[test]
fn a_real_project_gets_the_lockfile_that_npm_writes() {
    let manifest = r#"{
  "name": "shop",
  "version": "1.0.0",
  "dependencies": { "fastify": "^5.0.0", "pino": "^9.0.0", "undici": "*" },
  "devDependencies": { "vite": "^6.0.0", "typescript": "~5.8.0", "vitest": "^3.0.0", "@types/node": "latest" }
}
"#;
    let Some(world) = World::new(manifest) else { return };
    let arguments = ["install", "--package-lock-only", "--ignore-scripts", BEFORE];
    world.knit(&arguments);
    world.succeed(&world.path("npm"), "npm", &arguments);
    let (ours, theirs) = (world.read("knit", "package-lock.json"), world.read("npm", "package-lock.json"));
    let differing = ours.lines().zip(theirs.lines()).enumerate().find(|(_, (ours, theirs))| ours != theirs);
    assert!(ours == theirs, "first difference: {differing:?}");
}

#[test]
fn a_name_that_nobody_has_is_told_from_a_registry_out_of_reach() {
    let Some(world) = World::new(r#"{"name":"shop","version":"1.0.0"}"#) else { return };
    let name = "knit-no-such-package-0c2f6e1d";
    let output = world.run(&world.path("knit"), env!("CARGO_BIN_EXE_knit"), &["install", name]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(said.contains("E404") && said.contains(name), "{said}");
    assert_eq!(world.read("knit", "package.json"), r#"{"name":"shop","version":"1.0.0"}"#);
}

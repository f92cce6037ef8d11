//! Cases made from a seed: small registries full of what makes placement difficult.

use serde_json::{Map, Value, json};
use test_support::FixturePackage;

use crate::case::{Case, Step};
use crate::random::Random;

/// Names whose order differs between bytes and `localeCompare`, and with and without scopes.
const NAMES: [&str; 14] =
    ["a", "b", "c", "d", "a-b", "@s/a", "@s/b", "ab", "e", "f_g", "f.h", "g", "@t/c", "h1"];

const VERSIONS: [&str; 9] =
    ["1.0.0", "1.0.1", "1.1.0", "1.2.0", "2.0.0-beta.1", "2.0.0", "2.1.0", "3.0.0", "0.1.0"];

/// How likely what is, in percent; drawn once a case, so that cases differ in kind.
struct Profile {
    peer: usize,
    optional_peer: usize,
    optional: usize,
    odd_ranges: usize,
    platform: usize,
    bundles: usize,
    aliases: usize,
    missing: usize,
}

struct Generator {
    random: Random,
    profile: Profile,
    /// Every package with its versions, in the order they are published.
    versions: Vec<(&'static str, Vec<&'static str>)>,
}

/// The case of a seed.
pub fn generate(seed: u64) -> Case {
    let mut random = Random::new(seed);
    let often = |random: &mut Random, percents: &[usize]| *random.pick(percents);
    let profile = Profile {
        peer: often(&mut random, &[0, 15, 30, 50, 70]),
        optional_peer: often(&mut random, &[0, 20, 50]),
        optional: often(&mut random, &[0, 10, 30]),
        odd_ranges: often(&mut random, &[5, 20, 50]),
        platform: often(&mut random, &[0, 0, 3, 15]),
        bundles: often(&mut random, &[0, 0, 15]),
        aliases: often(&mut random, &[0, 5, 20]),
        missing: often(&mut random, &[0, 0, 0, 4]),
    };
    let count = random.between(3, NAMES.len());
    let versions = NAMES[..count]
        .iter()
        .map(|&name| {
            let most = random.between(1, 5);
            let mut chosen: Vec<&str> =
                VERSIONS.iter().copied().filter(|_| random.chance(45)).take(most).collect();
            if chosen.is_empty() {
                chosen.push("1.0.0");
            }
            (name, chosen)
        })
        .collect();
    let mut generator = Generator { random, profile, versions };
    let mut case = Case::default();
    generator.registry(&mut case);
    generator.project(&mut case);
    generator.steps(&mut case);
    case
}

impl Generator {
    fn registry(&mut self, case: &mut Case) {
        for (name, versions) in self.versions.clone() {
            for version in &versions {
                let mut package = FixturePackage::new(name, version);
                for (section, target, spec) in self.dependencies(name) {
                    package = match section {
                        "dependencies" => package.dependency(&target, &spec),
                        "optionalDependencies" => package.optional_dependency(&target, &spec),
                        "optionalPeer" => package.optional_peer_dependency(&target, &spec),
                        _ => package.peer_dependency(&target, &spec),
                    };
                }
                package = self.traits(package, version == versions.last().expect("one at least"));
                if self.random.chance(self.profile.bundles) {
                    package = self.bundle(package, case);
                }
                case.packages.push(package);
            }
        }
    }

    /// What a version may be besides its dependencies.
    fn traits(&mut self, mut package: FixturePackage, is_last: bool) -> FixturePackage {
        if self.random.chance(self.profile.platform) {
            package = match self.random.below(5) {
                0 => package.os(&["darwin"]),
                1 => package.cpu(&["arm64"]),
                2 => package.os(&["!linux"]),
                3 => package.engine("node", ">=99"),
                _ => package.os(&["linux"]).libc(&["musl"]),
            };
        }
        if self.random.chance(8) {
            package = package.deprecated("use something else");
        }
        if self.random.chance(8) {
            package = package.tag("next");
        }
        // A version with a tag is not the latest by itself.
        if is_last || self.random.chance(10) {
            package = package.tag("latest");
        }
        if self.random.chance(6) {
            package = package.script("postinstall", "exit 0");
        }
        if self.random.chance(6) {
            package = package.bin("tool", "tool.js");
        }
        package
    }

    fn bundle(&mut self, mut package: FixturePackage, case: &mut Case) -> FixturePackage {
        let json = package.package_json();
        let Some(dependencies) = json["dependencies"].as_object().filter(|all| !all.is_empty()) else {
            return package;
        };
        let names: Vec<&String> = dependencies.keys().collect();
        let name = (*self.random.pick(&names)).clone();
        let version = *self.random.pick(&["1.0.0", "2.0.0", "1.1.0"]);
        let mut bundled = json!({ "name": name, "version": version });
        if self.random.chance(40) {
            let inner = self.random.pick(&NAMES).to_string();
            bundled["dependencies"] = json!({ inner: "*" });
        }
        let location = format!("node_modules/{name}");
        package = package.bundled(&name).file(&format!("{location}/package.json"), bundled.to_string());
        case.bundled.push((package.name().to_owned(), package.version().to_owned(), location, bundled));
        package
    }

    /// Dependencies of a package or project: section, name, spec.
    fn dependencies(&mut self, own: &str) -> Vec<(&'static str, String, String)> {
        let count = *self.random.pick(&[0, 1, 1, 2, 2, 3, 4]);
        let mut found = Vec::new();
        for _ in 0..count {
            let (name, versions) = self.random.pick(&self.versions).clone();
            if name == own {
                continue;
            }
            let (target, spec) = self.target(name, &versions);
            let section = if self.random.chance(self.profile.peer) {
                if self.random.chance(self.profile.optional_peer) {
                    "optionalPeer"
                } else {
                    "peerDependencies"
                }
            } else if self.random.chance(self.profile.optional) {
                "optionalDependencies"
            } else {
                "dependencies"
            };
            found.push((section, target, spec));
        }
        found
    }

    fn target(&mut self, name: &str, versions: &[&str]) -> (String, String) {
        if self.random.chance(self.profile.missing) {
            return match self.random.below(2) {
                0 => (name.to_owned(), "^9.0.0".to_owned()),
                _ => ("nowhere".to_owned(), "1".to_owned()),
            };
        }
        let spec = self.range(versions);
        if self.random.chance(self.profile.aliases) {
            let alias = *self.random.pick(&["alias", "a", "c", "@s/a", "zz"]);
            return (alias.to_owned(), format!("npm:{name}@{spec}"));
        }
        (name.to_owned(), spec)
    }

    fn range(&mut self, versions: &[&str]) -> String {
        let version = *self.random.pick(versions);
        let other = *self.random.pick(versions);
        if !self.random.chance(self.profile.odd_ranges) {
            return match self.random.below(6) {
                0 => version.to_owned(),
                1 => "*".to_owned(),
                2 => format!("~{version}"),
                _ => format!("^{version}"),
            };
        }
        let major = version.split('.').next().unwrap_or("1");
        match self.random.below(10) {
            0 => format!("^{version} || ^{other}"),
            1 => format!(">={version}"),
            2 => format!("<={version}"),
            3 => "latest".to_owned(),
            4 => String::new(),
            5 => format!("{major}.x"),
            6 => format!("{version} - {other}"),
            7 => format!(">={version} <9"),
            8 => format!("={version}"),
            _ => major.to_owned(),
        }
    }

    fn project(&mut self, case: &mut Case) {
        let mut root = self.manifest("root", "1.0.0", 3);
        let folders = if self.random.chance(25) { self.random.between(1, 3) } else { 0 };
        let mut locals = Vec::new();
        for index in 0..folders {
            let folder = ["packages/w1", "packages/w2", "libs/deep/w3"][index];
            let name = ["w1", "@s/w2", "a"][index];
            let version = *self.random.pick(&["1.0.0", "2.0.0", "1.1.0"]);
            locals.push((folder, name, self.manifest(name, version, 2)));
        }
        let are_workspaces = self.random.chance(65);
        for index in 0..locals.len() {
            for other in 0..locals.len() {
                if index != other && self.random.chance(35) {
                    let (folder, name) = (locals[other].0, locals[other].1);
                    let up = if locals[index].0.starts_with("libs") { "../../.." } else { "../.." };
                    let spec = match self.random.below(4) {
                        0 => "*".to_owned(),
                        1 => "^1.0.0".to_owned(),
                        2 if are_workspaces => "^1".to_owned(),
                        _ => format!("file:{up}/{folder}"),
                    };
                    let section = *self.random.pick(&["dependencies", "devDependencies", "peerDependencies"]);
                    locals[index].2[section][name] = spec.into();
                }
            }
        }
        for (folder, name, manifest) in locals {
            if are_workspaces {
                case.workspaces.push(folder.to_owned());
            } else {
                let section = *self.random.pick(&["dependencies", "devDependencies", "optionalDependencies"]);
                root[section][name] = format!("file:{folder}").into();
            }
            case.manifests.push((folder.to_owned(), manifest));
        }
        if are_workspaces && !case.workspaces.is_empty() {
            root["workspaces"] = json!(case.workspaces);
        }
        if self.random.chance(25) {
            self.overrides(&mut root);
        }
        case.manifests.insert(0, (String::new(), root));
    }

    /// A manifest that may have development dependencies.
    fn manifest(&mut self, name: &str, version: &str, rounds: usize) -> Value {
        let mut manifest = json!({ "name": name, "version": version });
        for _ in 0..rounds {
            for (section, target, spec) in self.dependencies(name) {
                let is_dev = section == "dependencies" && self.random.chance(35);
                let section = match section {
                    "optionalPeer" => {
                        manifest["peerDependenciesMeta"][&target] = json!({ "optional": true });
                        "peerDependencies"
                    }
                    _ if is_dev => "devDependencies",
                    section => section,
                };
                manifest[section][&target] = spec.into();
            }
        }
        manifest
    }

    fn overrides(&mut self, root: &mut Value) {
        let mut overrides = Map::new();
        for _ in 0..self.random.between(1, 3) {
            let (name, versions) = self.random.pick(&self.versions).clone();
            let (inner, inner_versions) = self.random.pick(&self.versions).clone();
            let key = match self.random.below(3) {
                0 => format!("{name}@{}", self.range(&versions)),
                _ => name.to_owned(),
            };
            let value = self.override_value(root, name, &versions);
            let value = match self.random.below(4) {
                0 => json!({ ".": value, inner: self.override_value(root, inner, &inner_versions) }),
                1 => json!({ inner: self.override_value(root, inner, &inner_versions) }),
                _ => json!(value),
            };
            overrides.insert(key, value);
        }
        root["overrides"] = overrides.into();
    }

    fn override_value(&mut self, root: &Value, name: &str, versions: &[&str]) -> String {
        let is_direct = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"]
            .iter()
            .any(|section| root[*section].get(name).is_some());
        if is_direct && self.random.chance(60) {
            return format!("${name}");
        }
        if is_direct && self.random.chance(50) {
            // Anything else would contradict the direct dependency.
            return root["dependencies"].get(name).and_then(Value::as_str).unwrap_or("*").to_owned();
        }
        match self.random.below(8) {
            0 => format!("npm:{name}@{}", self.random.pick(versions)),
            1 => self.range(versions),
            _ => (*self.random.pick(versions)).to_owned(),
        }
    }

    fn steps(&mut self, case: &mut Case) {
        let mut flags: Vec<String> = Vec::new();
        let choices = [
            "--legacy-peer-deps",
            "--strict-peer-deps",
            "--force",
            "--prefer-dedupe",
            "--install-strategy=nested",
            "--install-strategy=shallow",
            "--install-links",
        ];
        if self.random.chance(30) {
            flags.push((*self.random.pick(&choices)).to_owned());
        }
        let run = |arguments: &[&str], flags: &[String]| {
            let own = arguments.iter().map(|&argument| argument.to_owned());
            Step::Run(own.chain(flags.iter().cloned()).collect())
        };
        let mut first = flags.clone();
        if self.random.chance(12) {
            first.push(format!("--lockfile-version={}", self.random.between(1, 2)));
        }
        case.steps.push(run(&["install"], &first));
        if self.random.chance(8) {
            case.steps.push(Step::Shrinkwrap);
        }
        for _ in 0..*self.random.pick(&[0, 1, 1, 2, 3]) {
            let step = match self.random.below(10) {
                0 | 1 => {
                    let (name, versions) = self.random.pick(&self.versions).clone();
                    let spec = match self.random.below(3) {
                        0 => name.to_owned(),
                        _ => format!("{name}@{}", self.range(&versions)),
                    };
                    let kinds =
                        ["--save-dev", "--save-optional", "--save-peer", "--save-exact", "--save-prod"];
                    let mut flags = flags.clone();
                    if self.random.chance(50) {
                        flags.push((*self.random.pick(&kinds)).to_owned());
                    }
                    if let Some(workspace) = case.workspaces.first().filter(|_| self.random.chance(30)) {
                        flags.push(format!("--workspace={workspace}"));
                    }
                    run(&["install", &spec], &flags)
                }
                2 => run(&["uninstall", NAMES[self.random.below(NAMES.len())]], &flags),
                3 => run(&["update"], &flags),
                4 | 5 => run(&["update", self.random.pick(&self.versions).0], &flags),
                6 => run(&["dedupe"], &flags),
                7 => run(&["prune"], &flags),
                8 => run(&["install"], &flags),
                _ => {
                    let mut root = case.manifests[0].1.clone();
                    let changed = self.manifest("root", "1.0.0", 2);
                    for (section, entries) in changed.as_object().into_iter().flatten() {
                        if entries.is_object() {
                            root[section] = entries.clone();
                        }
                    }
                    case.steps.push(Step::Edit(root));
                    run(&["install"], &flags)
                }
            };
            case.steps.push(step);
        }
    }
}

//! Cases made from a seed: small registries full of what makes placement difficult.

use serde_json::{Map, Value, json};

use super::case::{Case, Lost, Step};
use super::random::Random;
use crate::FixturePackage;

/// Names whose order differs between bytes and `localeCompare`, and with and without scopes.
const NAMES: [&str; 14] =
    ["a", "b", "c", "d", "a-b", "@s/a", "@s/b", "ab", "e", "f_g", "f.h", "g", "@t/c", "h1"];

const VERSIONS: [&str; 9] =
    ["1.0.0", "1.0.1", "1.1.0", "1.2.0", "2.0.0-beta.1", "2.0.0", "2.1.0", "3.0.0", "0.1.0"];

/// Seeds from here on have cases with shrinkwraps in packages, engines, `omit`, lost lockfiles and node_modules, and
/// tarballs and folders as dependencies. Those below are as they always were, as tests name them.
pub const WIDE: u64 = 1_000_000;

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
    shrinkwraps: usize,
    engines: usize,
    tarballs: usize,
    /// Whether there is what only [`WIDE`] cases have.
    is_wide: bool,
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
    let is_wide = seed >= WIDE;
    let mut wide = |chances: &[usize]| if is_wide { *random.pick(chances) } else { 0 };
    let (shrinkwraps, engines, tarballs) = (wide(&[0, 10, 30]), wide(&[0, 0, 8]), wide(&[0, 0, 10]));
    let profile = Profile {
        shrinkwraps,
        engines,
        tarballs,
        is_wide,
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
                } else if self.profile.is_wide && self.random.chance(self.profile.shrinkwraps) {
                    package = self.shrinkwrap(package, case);
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
        if self.profile.is_wide && self.random.chance(self.profile.engines) {
            let range = *self.random.pick(&[">=99", "^12 || >=14", "<10", "*"]);
            package = package.engine("node", range);
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

    /// Gives a package a shrinkwrap that locks its dependencies, and theirs, to versions that were published before.
    fn shrinkwrap(&mut self, package: FixturePackage, case: &mut Case) -> FixturePackage {
        let mut packages = Map::new();
        packages.insert(String::new(), package.package_json());
        let mut open = vec![(String::new(), package.package_json())];
        while let Some((above, document)) = open.pop() {
            for section in ["dependencies", "optionalDependencies"] {
                for name in document[section].as_object().into_iter().flat_map(Map::keys) {
                    let known: Vec<&FixturePackage> =
                        case.packages.iter().filter(|known| known.name() == name).collect();
                    let place = if self.random.chance(25) { above.as_str() } else { "" };
                    let location = if place.is_empty() {
                        format!("node_modules/{name}")
                    } else {
                        format!("{place}/node_modules/{name}")
                    };
                    if known.is_empty() || packages.contains_key(&location) || self.random.chance(15) {
                        continue;
                    }
                    let chosen = *self.random.pick(&known);
                    let mut entry = chosen.package_json();
                    entry["integrity"] = chosen.integrity().into();
                    entry.as_object_mut().expect("an object").remove("name");
                    open.push((location.clone(), chosen.package_json()));
                    packages.insert(location, entry);
                }
            }
        }
        let (name, version) = (package.name().to_owned(), package.version().to_owned());
        let lockfile = if self.random.chance(70) {
            json!({ "name": name, "version": version, "lockfileVersion": 3, "requires": true, "packages": packages })
        } else {
            let mut dependencies = Map::new();
            for (location, entry) in &packages {
                if let Some(name) =
                    location.strip_prefix("node_modules/").filter(|name| !name.contains("/node_modules/"))
                {
                    let requires = entry["dependencies"].as_object().cloned().unwrap_or_default();
                    let entry = json!({
                        "version": entry["version"], "integrity": entry["integrity"], "requires": requires,
                    });
                    dependencies.insert(name.to_owned(), entry);
                }
            }
            json!({ "name": name, "version": version, "lockfileVersion": 1, "requires": true, "dependencies": dependencies })
        };
        case.shrinkwraps.push((name, version, lockfile.clone()));
        package.file("npm-shrinkwrap.json", format!("{lockfile:#}\n"))
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
        if self.profile.is_wide {
            self.tarballs(&mut root, case);
        }
        if are_workspaces && !case.workspaces.is_empty() {
            root["workspaces"] = json!(case.workspaces);
        }
        if self.random.chance(25) {
            self.overrides(&mut root);
        }
        case.manifests.insert(0, (String::new(), root));
    }

    /// Dependencies of the project on tarballs in its folder.
    fn tarballs(&mut self, root: &mut Value, case: &mut Case) {
        for _ in 0..2 {
            if !self.random.chance(self.profile.tarballs) {
                continue;
            }
            let package = self.random.pick(&case.packages).clone();
            let file = format!("vendor/{}-{}.tgz", package.name().replace('/', "-"), package.version());
            let section = *self.random.pick(&["dependencies", "devDependencies", "optionalDependencies"]);
            root[section][package.name()] = format!("file:{file}").into();
            case.tarballs.push((file, package));
        }
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
        if self.profile.is_wide && self.random.chance(30) {
            let choices = ["--omit=dev", "--omit=optional", "--omit=peer", "--engine-strict"];
            flags.push((*self.random.pick(&choices)).to_owned());
        }
        let mut first = flags.clone();
        if self.random.chance(12) {
            first.push(format!("--lockfile-version={}", self.random.between(1, 2)));
        }
        case.steps.push(run(&["install"], &first));
        if self.random.chance(8) {
            case.steps.push(Step::Shrinkwrap);
        }
        for _ in 0..*self.random.pick(&[0, 1, 1, 2, 3]) {
            if self.profile.is_wide && self.random.chance(15) {
                let lost = [
                    Lost::Lockfile,
                    Lost::Lockfile,
                    Lost::HiddenLockfile,
                    Lost::BothLockfiles,
                    Lost::Modules,
                ];
                case.steps.push(Step::Lose(*self.random.pick(&lost)));
                case.steps.push(run(&["install"], &flags));
            }
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

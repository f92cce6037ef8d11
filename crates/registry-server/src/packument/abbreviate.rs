//! The abbreviated form of a manifest: what the public registry leaves in it.
//!
//! Source: the published code of the public registry's own reduction (fields, their order, empty values dropped,
//! `bundledDependencies` respelled) and its answers, which carry `libc` besides.

use serde_json::value::RawValue;

use super::render::{Members, parse_members, push_dist};
use super::rendition::RenditionBuilder;
use crate::PackageName;

const KEPT: [&str; 20] = [
    "name",
    "version",
    "dependencies",
    "optionalDependencies",
    "devDependencies",
    "bundleDependencies",
    "peerDependencies",
    "acceptDependencies",
    "bin",
    "_hasShrinkwrap",
    "directories",
    "dist",
    "engines",
    "deprecated",
    "peerDependenciesMeta",
    "funding",
    "os",
    "cpu",
    "libc",
    "hasInstallScript",
];

const INSTALL_SCRIPTS: [&str; 3] = ["preinstall", "install", "postinstall"];

pub(super) fn push_abbreviated_manifest(
    out: &mut RenditionBuilder,
    name: &PackageName,
    version: &str,
    manifest: &str,
) -> Result<(), serde_json::Error> {
    let members = parse_members(manifest)?;
    out.push("{");
    for field in KEPT {
        let value = present(&members, field).or_else(|| match field {
            "bundleDependencies" => present(&members, "bundledDependencies"),
            "hasInstallScript" if runs_at_installation(&members) => Some("true"),
            _ => None,
        });
        let Some(value) = value else { continue };
        out.push_key(field);
        if field == "dist" {
            push_dist(out, name, version, value)?;
        } else {
            out.push(value);
        }
    }
    out.push("}");
    Ok(())
}

/// The text of a member that says something.
fn present<'a>(members: &Members<'a>, field: &str) -> Option<&'a str> {
    let text = members.get(field).map(|value| RawValue::get(value))?;
    (!matches!(text, "null" | "false" | "0" | "\"\"" | "{}" | "[]")).then_some(text)
}

fn runs_at_installation(members: &Members<'_>) -> bool {
    // `scripts` of very old packages may be anything, even an array: then nothing runs.
    let scripts = present(members, "scripts").and_then(|scripts| parse_members(scripts).ok());
    scripts.is_some_and(|scripts| INSTALL_SCRIPTS.iter().any(|script| present(&scripts, script).is_some()))
}

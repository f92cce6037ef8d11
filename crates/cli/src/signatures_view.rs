//! What `audit signatures` shows, as npm 11.19.1 words it but for what is not verified.

use std::time::Duration;

use diagnostics::Diagnostic;
use package_manager::signatures::{InstalledPackage, Invalid, InvalidKind, SignatureReport};
use serde_json::{Map, Value, json};

use crate::terminal::Terminal;

/// What a reader must not take for verified.
pub fn warnings(report: &SignatureReport) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    if report.unknown_signers > 0 {
        let text = format!(
            "of {} whose attestations fit it was not verified who made them: neither the certificates nor \
             the transparency log were followed to Sigstore's trust root",
            packages(report.unknown_signers)
        );
        warnings.push(Diagnostic::warning("EATTESTATIONSIGNER", text));
    }
    warnings
}

/// The page for people.
pub fn text(report: &SignatureReport, elapsed: Duration, terminal: &Terminal) -> String {
    let mut lines =
        vec![format!("audited {} in {}s", packages(report.audited), elapsed.as_secs()), String::new()];
    let verified = terminal.bold("verified");
    match report.signed {
        0 => {}
        1 => lines.extend([format!("1 package has a {verified} registry signature"), String::new()]),
        count => {
            lines.extend([format!("{count} packages have {verified} registry signatures"), String::new()]);
        }
    }
    match report.attested.len() {
        0 => {}
        1 => lines.extend(["1 package has an attestation that fits it".to_owned(), String::new()]),
        count => {
            lines.extend([format!("{count} packages have attestations that fit them"), String::new()]);
        }
    }
    lines.extend(missing(report, terminal));
    lines.extend(invalid(report, terminal));
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.join("\n")
}

fn packages(count: usize) -> String {
    format!("{count} package{}", if count == 1 { "" } else { "s" })
}

fn missing(report: &SignatureReport, terminal: &Terminal) -> Vec<String> {
    let word = terminal.paint("91", "missing");
    let head = match report.missing.len() {
        0 => return Vec::new(),
        1 => format!("1 package has a {word} registry signature but the registry is providing signing keys:"),
        count => format!(
            "{count} packages have {word} registry signatures but the registry is providing signing keys:"
        ),
    };
    let mut lines = vec![head, String::new()];
    lines.extend(report.missing.iter().map(|found| line(&found.package, terminal)));
    lines.push(String::new());
    lines
}

fn invalid(report: &SignatureReport, terminal: &Terminal) -> Vec<String> {
    let word = terminal.paint("91", "invalid");
    let mut lines = Vec::new();
    for (kind, one, many) in [
        (InvalidKind::Signature, "registry signature", "registry signatures"),
        (InvalidKind::Attestation, "attestation", "attestations"),
    ] {
        let found: Vec<&Invalid> = report.invalid.iter().filter(|found| found.kind == kind).collect();
        lines.push(match found.len() {
            0 => continue,
            1 => format!("1 package has an {word} {one}:"),
            count => format!("{count} packages have {word} {many}:"),
        });
        lines.push(String::new());
        lines.extend(found.iter().map(|found| line(&found.package, terminal)));
        lines.push(String::new());
    }
    match report.invalid.len() {
        0 => {}
        1 => lines.push("Someone might have tampered with this package since it was published.".to_owned()),
        _ => lines
            .push("Someone might have tampered with these packages since they were published.".to_owned()),
    }
    lines
}

fn line(package: &InstalledPackage, terminal: &Terminal) -> String {
    let id = terminal.paint("31", &format!("{}@{}", package.name, package.version));
    format!("{id} ({})", package.registry)
}

/// npm's object: `invalid`, `missing`, and `verified` where attestations are asked for.
pub fn json(report: &SignatureReport, with_attestations: bool) -> Value {
    let invalid: Vec<Value> = report.invalid.iter().map(invalid_json).collect();
    let missing = report.missing.iter().map(|found| {
        members([
            ("integrity", found.integrity.clone().map(Value::from)),
            ("location", Some(found.package.location.clone().into())),
            ("name", Some(found.package.name.clone().into())),
            ("registry", Some(found.package.registry.as_str().into())),
            ("resolved", found.resolved.clone().map(Value::from)),
            ("version", Some(found.package.version.clone().into())),
        ])
    });
    let mut answer = json!({ "invalid": invalid, "missing": missing.collect::<Vec<_>>() });
    if with_attestations {
        let verified = report.attested.iter().map(|found| {
            json!({
                "name": found.package.name,
                "version": found.package.version,
                "location": found.package.location,
                "registry": found.package.registry.as_str(),
                "attestations": found.attestations,
                "attestationBundles": found.bundles,
            })
        });
        answer["verified"] = verified.collect();
    }
    answer
}

fn invalid_json(found: &Invalid) -> Value {
    let package = &found.package;
    members([
        ("code", Some(found.kind.code().into())),
        ("message", Some(found.message.clone().into())),
        ("integrity", found.integrity.clone().map(Value::from)),
        ("keyid", found.keyid.clone().map(Value::from)),
        ("location", Some(package.location.clone().into())),
        ("name", Some(package.name.clone().into())),
        ("registry", Some(package.registry.as_str().into())),
        ("resolved", found.resolved.clone().map(Value::from)),
        ("signature", found.signature.clone().map(Value::from)),
        ("predicateType", found.predicate_type.clone().map(Value::from)),
        ("type", Some(package.section.into())),
        ("version", Some(package.version.clone().into())),
    ])
}

fn members<const COUNT: usize>(members: [(&str, Option<Value>); COUNT]) -> Value {
    let present = members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::Object(present.collect::<Map<_, _>>())
}

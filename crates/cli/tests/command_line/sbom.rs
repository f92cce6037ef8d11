use insta::assert_snapshot;

use crate::{sandbox::Sandbox, trees};

/// Runs without what is another in every document.
fn bills(sandbox: &Sandbox, lines: &[&str]) -> String {
    let said = sandbox.knit_all(lines);
    let lines = said.lines().map(|line| {
        let (key, value) = line.split_once(": ").unwrap_or((line, ""));
        match key.trim() {
            "\"serialNumber\"" | "\"timestamp\"" | "\"created\"" => format!("{key}: [{}]", value.len()),
            "\"documentNamespace\"" => format!("{key}: {}", value.get(..value.len() - 38).unwrap_or(value)),
            _ => line.to_owned(),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

// npm's documents name npm as the tool.
#[test]
fn bills_are_written_in_both_formats() {
    assert_snapshot!(bills(
        &trees::whole(),
        &["sbom --sbom-format=cyclonedx --sbom-type=application", "sbom --sbom-format=spdx"],
    ));
}

#[test]
fn parts_are_left_out() {
    let lines = ["sbom --sbom-format=spdx --omit=dev --omit=optional --package-lock-only"];
    assert_snapshot!(bills(&trees::whole(), &lines));
    let lines = ["sbom --sbom-format=cyclonedx -w w1", "sbom --sbom-format=cyclonedx --no-workspaces"];
    assert_snapshot!("workspaces", bills(&trees::workspaces(), &lines));
}

#[test]
fn there_is_no_bill_of_a_broken_tree_or_without_a_format() {
    assert_snapshot!(bills(
        &trees::broken(),
        &["sbom --sbom-format=spdx", "sbom", "sbom --sbom-format=other"]
    ));
}

//! CycloneDX 1.5 as JSON.

use dependency_resolver::NodeId;
use npm_formats::integrity::Algorithm;
use npm_formats::license::Expression;
use serde_json::{Map, Value, json};

use super::{Bill, license, text};

const SCHEMA: &str = "http://cyclonedx.org/schema/bom-1.5.schema.json";

pub(super) fn document(bill: &Bill<'_>) -> Value {
    let (request, root) = (bill.request, bill.project.root);
    let packages = bill.packages(|node| reference(bill, node));
    let components: Vec<Value> = packages.iter().map(|&node| component(bill, node, "library")).collect();
    let dependencies: Vec<Value> =
        std::iter::once(root).chain(packages).map(|node| dependencies(bill, node)).collect();
    json!({
        "$schema": SCHEMA,
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": format!("urn:uuid:{}", request.uuid),
        "version": 1,
        "metadata": {
            "timestamp": request.timestamp,
            "lifecycles": [{ "phase": if request.lockfile_only { "pre-build" } else { "build" } }],
            "tools": [{ "vendor": "knit", "name": "knit", "version": request.tool_version }],
            "component": component(bill, root, &request.package_type),
        },
        "components": components,
        "dependencies": dependencies,
    })
}

fn reference(bill: &Bill<'_>, node: NodeId) -> String {
    format!("{}@{}", bill.package_name(node), bill.project.tree.node(node).version())
}

fn component(bill: &Bill<'_>, node: NodeId, package_type: &str) -> Value {
    let tree = &bill.project.tree;
    let known = tree.node(node);
    let flags = known.flags();
    let document = bill.document(node);
    let mut members = Map::new();
    let mut put = |key: &str, value: Value| drop(members.insert(key.to_owned(), value));
    put("bom-ref", reference(bill, node).into());
    put("type", package_type.into());
    put("name", tree.name(node).to_string().into());
    put("version", known.version().into());
    put("scope", if flags.optional || flags.dev_optional { "optional" } else { "required" }.into());
    let author = match document.get("author") {
        Some(Value::Object(author)) => author.get("name").and_then(Value::as_str),
        _ => text(document, "author"),
    };
    if let Some(author) = author {
        put("author", author.into());
    }
    if let Some(description) = text(document, "description") {
        put("description", description.into());
    }
    put("purl", bill.purl(node).into());
    put("properties", properties(bill, node, document));
    put("externalReferences", references(bill, node, document));
    if let Some((algorithm, content)) = bill.digest(node) {
        put("hashes", json!([{ "alg": algorithm_name(algorithm), "content": content }]));
    }
    let license = license(document).unwrap_or_default();
    match Expression::parse(&license) {
        Ok(Expression::License { id, .. }) | Ok(Expression::Reference(id)) => {
            put("licenses", json!([{ "license": { "id": id } }]));
        }
        Ok(Expression::All(_) | Expression::Any(_)) => put("licenses", json!([{ "expression": license }])),
        Err(_) => {}
    }
    members.into()
}

fn properties(bill: &Bill<'_>, node: NodeId, document: &Map<String, Value>) -> Value {
    let flags = bill.project.tree.node(node).flags();
    [
        ("development", flags.dev),
        ("private", document.get("private") == Some(&Value::Bool(true))),
        ("extraneous", flags.extraneous),
        ("bundled", bill.project.tree.bundler(node).is_some()),
    ]
    .into_iter()
    .filter(|(_, is_so)| *is_so)
    .map(|(name, _)| json!({ "name": format!("cdx:npm:package:{name}"), "value": "true" }))
    .collect()
}

fn references(bill: &Bill<'_>, node: NodeId, document: &Map<String, Value>) -> Value {
    let url = |key: &str| document.get(key).and_then(|value| value.get("url")?.as_str());
    let resolved = bill.project.resolved(node);
    [
        ("distribution", resolved.as_deref()),
        ("vcs", url("repository")),
        ("website", text(document, "homepage")),
        ("issue-tracker", url("bugs")),
    ]
    .into_iter()
    .filter_map(|(kind, url)| Some((kind, url.filter(|url| !url.is_empty())?)))
    .map(|(kind, url)| json!({ "type": kind, "url": url }))
    .collect()
}

fn dependencies(bill: &Bill<'_>, node: NodeId) -> Value {
    let mut on: Vec<String> = Vec::new();
    for (_, _, to) in bill.edges(node) {
        let reference = reference(bill, to);
        if !on.contains(&reference) {
            on.push(reference);
        }
    }
    json!({ "ref": reference(bill, node), "dependsOn": on })
}

fn algorithm_name(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Sha1 => "SHA-1",
        Algorithm::Sha256 => "SHA-256",
        Algorithm::Sha384 => "SHA-384",
        _ => "SHA-512",
    }
}

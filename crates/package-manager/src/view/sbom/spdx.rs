//! SPDX 2.3 as JSON.

use std::collections::HashSet;

use dependency_resolver::{EdgeKind, NodeId};
use serde_json::{Map, Value, json};

use super::{Bill, license, text};

const DOCUMENT: &str = "SPDXRef-DOCUMENT";
const NO_ASSERTION: &str = "NOASSERTION";

pub(super) fn document(bill: &Bill<'_>) -> Value {
    let (request, root) = (bill.request, bill.project.root);
    let name = bill.project.package_id(root);
    let version = bill.project.tree.node(root).version();
    let own_name = match bill.package_name(root) {
        "" => bill.project.tree.name(root).to_string(),
        name => name.replace('/', "%2f"),
    };
    let packages = bill.packages(|node| identifier(bill, node));
    let mut items = vec![item(bill, root, Some(&request.package_type))];
    items.extend(packages.into_iter().map(|node| item(bill, node, None)));
    let mut relationships = vec![relationship(DOCUMENT, &identifier(bill, root), "DESCRIBES")];
    relationships.extend(dependencies(bill));
    let extraneous = bill.nodes.iter().filter(|&&node| bill.project.tree.node(node).flags().extraneous);
    relationships.extend(extraneous.map(|&node| {
        relationship(&identifier(bill, node), &identifier(bill, root), word(EdgeKind::Optional))
    }));
    json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": DOCUMENT,
        "name": name,
        "documentNamespace": format!("http://spdx.org/spdxdocs/{own_name}-{version}-{}", request.uuid),
        "creationInfo": {
            "created": request.timestamp,
            "creators": [format!("Tool: knit-{}", request.tool_version)],
        },
        "documentDescribes": [identifier(bill, root)],
        "packages": items,
        "relationships": relationships,
    })
}

fn identifier(bill: &Bill<'_>, node: NodeId) -> String {
    let name = bill.package_name(node);
    let name = name.strip_prefix('@').unwrap_or(name).replace('/', ".");
    format!("SPDXRef-Package-{name}-{}", bill.project.tree.node(node).version())
}

fn item(bill: &Bill<'_>, node: NodeId, package_type: Option<&str>) -> Value {
    let tree = &bill.project.tree;
    let known = tree.node(node);
    let document = bill.document(node);
    // of a workspace the place in node_modules is told
    let link = known.links_in().first().filter(|_| tree.is_workspace(node));
    let location = link.map_or(known.location(), |&link| tree.node(link).location());
    let mut members = Map::new();
    let mut put = |key: &str, value: Value| drop(members.insert(key.to_owned(), value));
    put("name", bill.package_name(node).into());
    put("SPDXID", identifier(bill, node).into());
    put("versionInfo", known.version().into());
    put("packageFileName", location.into());
    if let Some(description) = text(document, "description") {
        put("description", description.into());
    }
    if let Some(package_type) = package_type {
        put("primaryPackagePurpose", package_type.to_uppercase().into());
    }
    let resolved = bill.project.resolved(node).filter(|resolved| !resolved.is_empty());
    put("downloadLocation", resolved.unwrap_or_else(|| NO_ASSERTION.to_owned()).into());
    put("filesAnalyzed", false.into());
    put("homepage", text(document, "homepage").unwrap_or(NO_ASSERTION).into());
    let license = license(document).filter(|license| !license.is_empty());
    put("licenseDeclared", license.unwrap_or_else(|| NO_ASSERTION.to_owned()).into());
    put(
        "externalRefs",
        json!([{
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": bill.purl(node),
        }]),
    );
    if let Some((algorithm, digest)) = bill.digest(node) {
        let algorithm = algorithm.to_string().to_uppercase();
        put("checksums", json!([{ "algorithm": algorithm, "checksumValue": digest }]));
    }
    members.into()
}

/// Who depends on whom, each kind of it once.
fn dependencies(bill: &Bill<'_>) -> Vec<Value> {
    let mut relationships = Vec::new();
    let mut seen = HashSet::new();
    for node in bill.nodes.iter().map(|&node| bill.project.tree.followed(node)) {
        if !seen.insert(node) {
            continue;
        }
        let mut told = HashSet::new();
        for (_, kind, to) in bill.edges(node) {
            let element = identifier(bill, to);
            if told.insert((element.clone(), word(kind))) {
                relationships.push(relationship(&element, &identifier(bill, node), word(kind)));
            }
        }
    }
    relationships
}

fn word(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Peer => "PREREQUISITE_FOR",
        EdgeKind::Optional => "OPTIONAL_DEPENDENCY_OF",
        EdgeKind::Dev => "DEV_DEPENDENCY_OF",
        EdgeKind::Prod | EdgeKind::PeerOptional | EdgeKind::Workspace => "DEPENDENCY_OF",
    }
}

fn relationship(element: &str, related: &str, kind: &str) -> Value {
    json!({ "spdxElementId": element, "relatedSpdxElement": related, "relationshipType": kind })
}

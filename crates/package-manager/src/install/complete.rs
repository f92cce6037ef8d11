//! Fields that lockfiles have and abbreviated packuments do not: taken from the package itself where it was
//! fetched, else from the registry's manifest of that one version.

use std::sync::Arc;

use dependency_resolver::{FetchError, IdealTree, NodeId};
use futures_util::future::try_join_all;
use package_store::Store;
use rustc_hash::FxHashMap;
use serde_json::{Map, Value};
use tokio::runtime::Runtime;

use super::InstallError;
use super::reify::source_of;
use crate::tarballs::{Source, Tarballs};

/// Completes every package of the tree that was resolved from an abbreviated packument.
///
/// *Errors*: the registry's, for packages that were not fetched.
pub(super) fn complete(
    ideal: &mut IdealTree,
    runtime: &Runtime,
    tarballs: &Tarballs,
    store: &Store,
) -> Result<(), InstallError> {
    let tree = &ideal.tree;
    let mut known: FxHashMap<Source, Map<String, Value>> = FxHashMap::default();
    let mut missing: Vec<Source> = Vec::new();
    let mut incomplete: Vec<(NodeId, Source)> = Vec::new();
    for node in tree.inventory(ideal.root) {
        if tree.node(node).is_link() || !tree.node(node).package().is_abbreviated() {
            continue;
        }
        let source = source_of(tree, node);
        if !known.contains_key(&source) && !missing.contains(&source) {
            match fetched_document(store, &source) {
                Some(document) => drop(known.insert(source.clone(), document)),
                None => missing.push(source.clone()),
            }
        }
        incomplete.push((node, source));
    }
    known.extend(runtime.block_on(tarballs.bundled_manifests(&missing)));
    missing.retain(|source| !known.contains_key(source));
    let asked = missing.into_iter().map(|source| {
        let tarballs = tarballs.clone();
        async move {
            let document = tarballs.registry_manifest(&source).await?;
            Ok::<_, FetchError>((source, document))
        }
    });
    known.extend(runtime.block_on(try_join_all(asked))?);
    for (node, source) in incomplete {
        if let Some(document) = known.get(&source) {
            let package = ideal.tree.node(node).package().completed(document);
            ideal.tree.complete_package(node, Arc::new(package));
        }
    }
    Ok(())
}

/// The package.json of a package in the store.
fn fetched_document(store: &Store, source: &Source) -> Option<Map<String, Value>> {
    let entry = Tarballs::lookup(store, source)?;
    match npm_formats::json::parse("package.json", entry.package_json()).ok()? {
        Value::Object(document) => Some(document),
        _ => None,
    }
}

//! The document by which a version is published: its manifest, its tag, its tarball, its provenance.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use npm_formats::manifest::{Manifest, Step};
use npm_semver::Version;
use serde_json::{Map, Value, json};
use url::Url;

use super::{Prepared, PublishError, PublishOptions, provenance};

/// The programs that a package was published with.
#[derive(Debug, Clone)]
pub struct Publisher {
    /// Without `v`.
    pub node_version: String,
    pub npm_version: String,
}

/// Source of its members and of their order: libnpmpublish of npm 11.19.1.
pub(super) fn of(
    prepared: &Prepared,
    options: &PublishOptions,
    registry: &Url,
) -> Result<Value, PublishError> {
    let manifest = manifest(prepared, options, registry)?;
    let text = |key: &str| manifest.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (name, version) = (text("name"), text("version"));
    let tag = prepared.text("tag").unwrap_or(&options.tag).to_owned();
    let tarball = &prepared.packed.tarball;
    let mut attachments = Map::new();
    attachments.insert(
        format!("{name}-{version}.tgz"),
        json!({
            "content_type": "application/octet-stream",
            "data": STANDARD.encode(tarball),
            "length": tarball.len(),
        }),
    );
    if let Some(file) = &options.provenance_file {
        let bundle = provenance::read(file, &name, &version, tarball)?;
        attachments.insert(format!("{name}-{version}.sigstore"), bundle);
    }
    let mut document = Map::new();
    let mut add = |key: &str, value: Value| _ = document.insert(key.to_owned(), value);
    add("_id", name.as_str().into());
    add("name", name.as_str().into());
    if let Some(description) = manifest.get("description") {
        add("description", description.clone());
    }
    add("dist-tags", Value::Object(Map::from_iter([(tag, version.as_str().into())])));
    add("versions", Value::Object(Map::from_iter([(version, Value::Object(manifest))])));
    add("access", options.access.clone().into());
    add("_attachments", Value::Object(attachments));
    Ok(Value::Object(document))
}

fn manifest(
    prepared: &Prepared,
    options: &PublishOptions,
    registry: &Url,
) -> Result<Map<String, Value>, PublishError> {
    let mut members = prepared.manifest.0.clone();
    members.insert("_nodeVersion".to_owned(), options.publisher.node_version.as_str().into());
    members.insert("_npmVersion".to_owned(), options.publisher.npm_version.as_str().into());
    let invalid_name = |_| PublishError::InvalidName { name: prepared.name().to_owned() };
    let mut members = Manifest::normalize(members, &[Step::Name], None).map_err(invalid_name)?.0;
    let version = Version::parse_loose(prepared.version())
        .map_err(|_| PublishError::InvalidVersion { version: prepared.version().to_owned() })?
        .to_string();
    let name = members.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    members.insert("version".to_owned(), version.as_str().into());
    members.insert("_id".to_owned(), format!("{name}@{version}").into());
    let contents = &prepared.packed.contents;
    let mut dist = members.get("dist").and_then(Value::as_object).cloned().unwrap_or_default();
    dist.insert("integrity".to_owned(), contents.integrity.as_str().into());
    dist.insert("shasum".to_owned(), contents.shasum.as_str().into());
    dist.insert("tarball".to_owned(), tarball_address(registry, &name, &version).into());
    members.insert("dist".to_owned(), Value::Object(dist));
    Ok(members)
}

/// Always with `http:`, as every client before wrote it; registries put their own address in its place.
fn tarball_address(registry: &Url, name: &str, version: &str) -> String {
    let path = format!("{name}/-/{name}-{version}.tgz");
    let address = registry.join(&path).map_or(path, |url| url.to_string());
    match address.strip_prefix("https://") {
        Some(rest) => format!("http://{rest}"),
        None => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tarballs_are_below_their_registry() {
        let rows = [
            ("https://registry.example/", "a", "http://registry.example/a/-/a-1.0.0.tgz"),
            ("https://registry.example/npm/", "@s/a", "http://registry.example/npm/@s/a/-/@s/a-1.0.0.tgz"),
            ("http://127.0.0.1:4873/", "a", "http://127.0.0.1:4873/a/-/a-1.0.0.tgz"),
        ];
        for (registry, name, expected) in rows {
            let registry = Url::parse(registry).unwrap();
            assert_eq!(tarball_address(&registry, name, "1.0.0"), expected);
        }
    }
}

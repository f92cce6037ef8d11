//! `bugs`, `docs` and `repo`: where the pages of a package are. Source of the rules: npm 11.19.1.
//!
//! Does not open anything.

use dependency_resolver::{PickOptions, Platform, Requirement, pick_manifest};
use diagnostics::Diagnostic;
use npm_formats::hosted_git::{HostedGit, UrlOptions};
use npm_formats::specifier::{Specifier, SpecifierKind};
use registry_client::{PackumentKind, RegistryClient};
use serde_json::{Map, Value};
use std::path::Path;
use url::Url;

use crate::manifest_file::ManifestFile;
use crate::ping::registry_problem;
use crate::settings::Settings;

/// Which page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    Bugs,
    Docs,
    Repository,
}

/// What a package says of itself.
pub type Manifest = Map<String, Value>;

/// The manifest of a package: of the folder for `.` and paths, else of the version that the registry has.
///
/// *Errors*: no such package, and kinds of packages that neither folders nor registries have.
pub async fn manifest(
    settings: &Settings,
    client: &RegistryClient,
    platform: &Platform,
    argument: &str,
) -> Result<Manifest, Diagnostic> {
    let place = settings.places.local_prefix.to_string_lossy();
    let specifier = Specifier::parse(argument, &*place).map_err(|error| {
        Diagnostic::error(error.code().to_owned(), format!("{argument} names no package"))
            .with_cause(error.to_string())
    })?;
    if matches!(specifier.kind(), SpecifierKind::Directory) {
        let folder = specifier.fetch_spec().unwrap_or(argument);
        return Ok(ManifestFile::read(Path::new(folder))?.members().clone());
    }
    let (name, spec) = (specifier.name().unwrap_or_default(), specifier.raw_spec());
    let requirement = Requirement::parse(name, spec);
    let Some((name, _)) = requirement.registry_request(name) else {
        let text = format!("{argument} is a {}, whose manifest is not looked at", specifier.kind().as_str());
        return Err(Diagnostic::error("EUSAGE", text).with_hint("name a folder, or a package of a registry"));
    };
    let packument =
        client.packument(&name, PackumentKind::Full).await.map_err(|error| registry_problem(&error))?;
    let options = PickOptions {
        default_tag: &settings.install.tag,
        before: settings.install.before,
        node_version: &platform.node_version,
        npm_version: &platform.npm_version,
        avoid: None,
    };
    let version = pick_manifest(&packument, &requirement, &options).map_err(|error| {
        Diagnostic::error(error.code.clone(), format!("the registry has no {argument}"))
            .with_cause(error.to_string())
    })?;
    Ok(packument.manifest(version).unwrap_or_default())
}

/// The address of a page. `registry` is where a package's own page is, when it names no other.
///
/// *Errors*: `ENOREPOSITORY`, `ENOPAGE` where there is none.
pub fn address(page: Page, manifest: &Manifest, registry: Option<&Url>) -> Result<String, Diagnostic> {
    let name = manifest.get("name").and_then(Value::as_str).unwrap_or("the package");
    let text = |value: Option<&Value>| {
        value.and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let found = match page {
        Page::Repository => {
            return repository_page(manifest).ok_or_else(|| {
                Diagnostic::error("ENOREPOSITORY", format!("{name} names no repository that has a page"))
                    .with_hint(format!("run `knit docs {name}`"))
            });
        }
        Page::Docs => {
            let hosted = || hosted(manifest).map(|git| git.docs(UrlOptions::default()));
            text(manifest.get("homepage")).or_else(hosted)
        }
        Page::Bugs => {
            let bugs = manifest.get("bugs");
            text(bugs)
                .or_else(|| text(bugs?.get("url")))
                .or_else(|| Some(format!("mailto:{}", text(bugs?.get("email"))?)))
                .or_else(|| hosted(manifest)?.bugs())
        }
    };
    let own_page = || registry_page(registry?, manifest.get("name")?.as_str()?);
    found.or_else(own_page).ok_or_else(|| {
        Diagnostic::error("ENOPAGE", format!("{name} names no such page, and there is no registry with one"))
    })
}

fn repository(manifest: &Manifest) -> Option<&str> {
    let repository = manifest.get("repository")?;
    repository.as_str().or_else(|| repository.get("url")?.as_str()).filter(|url| !url.is_empty())
}

fn hosted(manifest: &Manifest) -> Option<HostedGit> {
    let url = repository(manifest)?;
    HostedGit::parse(url.strip_prefix("git+").unwrap_or(url))
}

fn repository_page(manifest: &Manifest) -> Option<String> {
    let url = repository(manifest)?;
    if let Some(git) = hosted(manifest) {
        let directory =
            manifest.get("repository").and_then(|repository| repository.get("directory")?.as_str());
        return Some(match directory.filter(|directory| !directory.is_empty()) {
            Some(directory) => git.browse_path(directory, "", UrlOptions::default()),
            None => git.browse(UrlOptions::default()),
        });
    }
    let parsed = Url::parse(url).ok()?;
    let host = parsed.host_str()?;
    let scheme = if parsed.scheme().ends_with("git+http") { "http" } else { "https" };
    let path = parsed.path().strip_suffix(".git").unwrap_or(parsed.path());
    Some(format!("{scheme}://{host}{path}"))
}

/// The page that a registry shows of a package. A host called `registry.` has its pages at the `www.` beside it;
/// other registries show them themselves.
fn registry_page(registry: &Url, name: &str) -> Option<String> {
    let mut page = registry.clone();
    // neither is part of the address of a page
    let _ = page.set_username("");
    let _ = page.set_password(None);
    if let Some(domain) = registry.host_str()?.strip_prefix("registry.")
        && domain.contains('.')
    {
        page.set_host(Some(&format!("www.{domain}"))).ok()?;
    }
    let base = page.as_str().trim_end_matches('/').to_owned();
    Some(format!("{base}/package/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    // Every row but those of the registry's own pages was run through npm 11.19.1.
    #[test]
    fn pages_are_where_npm_finds_them() {
        let github = "https://github.com/a/b";
        let rows = [
            (json!({ "bugs": "https://b.example/" }), Page::Bugs, "https://b.example/"),
            (json!({ "bugs": { "url": "https://b.example/x" } }), Page::Bugs, "https://b.example/x"),
            (json!({ "bugs": { "email": "a@b.example" } }), Page::Bugs, "mailto:a@b.example"),
            (json!({ "repository": "a/b" }), Page::Bugs, "https://github.com/a/b/issues"),
            (json!({ "homepage": "https://h.example/" }), Page::Docs, "https://h.example/"),
            (json!({ "repository": "a/b" }), Page::Docs, "https://github.com/a/b#readme"),
            (json!({ "repository": "a/b" }), Page::Repository, github),
            (json!({ "repository": { "url": "git+https://github.com/a/b.git" } }), Page::Repository, github),
            (
                json!({ "repository": { "url": "git+https://github.com/a/b.git", "directory": "c/d" } }),
                Page::Repository,
                "https://github.com/a/b/tree/HEAD/c/d",
            ),
            (
                json!({ "repository": "https://git.example/a/b.git" }),
                Page::Repository,
                "https://git.example/a/b",
            ),
            (
                json!({ "repository": "git+http://git.example/a.git" }),
                Page::Repository,
                "http://git.example/a",
            ),
            (json!({}), Page::Docs, "https://www.example.com/package/@s/x"),
            (json!({ "bugs": {} }), Page::Bugs, "https://www.example.com/package/@s/x"),
        ];
        let registry = Url::parse("https://registry.example.com/").unwrap();
        for (mut manifest, page, expected) in rows {
            manifest["name"] = json!("@s/x");
            let found = address(page, manifest.as_object().unwrap(), Some(&registry)).unwrap();
            assert_eq!(found, expected, "{manifest}");
        }
        let own = Url::parse("http://localhost:4873/npm/").unwrap();
        let nameless = json!({ "name": "x" });
        assert_eq!(
            address(Page::Docs, nameless.as_object().unwrap(), Some(&own)).unwrap(),
            "http://localhost:4873/npm/package/x"
        );
        assert_eq!(
            address(Page::Repository, nameless.as_object().unwrap(), None).unwrap_err().code,
            "ENOREPOSITORY"
        );
        assert_eq!(address(Page::Bugs, nameless.as_object().unwrap(), None).unwrap_err().code, "ENOPAGE");
    }
}

//! `trust`: which pipelines of which providers may publish a package without a token. Source: npm 11.19.1.
//!
//! npm knows some providers only. An issuer of one's own is an addition: a registry that does not know it says so.
//!
//! Does not publish, and does not ask whether to go on.

mod pipeline;

use diagnostics::Diagnostic;
use http::Method;
use npm_formats::hosted_git::HostedGit;
use pipeline::ISSUER;
pub use pipeline::{Permission, Pipeline, TrustedPublisher};
use registry_client::{ApiBody, ApiRequest, RegistryClient, path_segment};
use serde_json::{Map, Value, json};

use crate::account::call;
use crate::manifest_file::ManifestFile;
use crate::named_package::NamedPackage;
use crate::ping::registry_problem;
use crate::settings::Settings;

fn target(package: &NamedPackage) -> String {
    format!("/-/package/{}/trust", package.escaped())
}

fn relations(answer: Value) -> Vec<Map<String, Value>> {
    let all = match answer {
        Value::Array(all) => all,
        one => vec![one],
    };
    all.into_iter()
        .filter_map(|one| match one {
            Value::Object(members) => Some(members),
            _ => None,
        })
        .collect()
}

/// The repository that the folder's package.json names, where its package is this one and its host the provider.
pub fn own_repository(settings: &Settings, provider: &str, package: &NamedPackage) -> Option<String> {
    let manifest = ManifestFile::read_if_there(&settings.places.local_prefix).ok()??;
    if manifest.name() != Some(package.name()) {
        return None;
    }
    let repository = manifest.members().get("repository")?;
    let git = HostedGit::parse(repository.as_str().or_else(|| repository.get("url")?.as_str())?)?;
    (git.host().as_str() == provider).then(|| Some(format!("{}/{}", git.user()?, git.project())))?
}

/// Lets a pipeline publish a package. Answers the relations as the registry has them: `id`, `type`, `claims`,
/// `permissions`.
///
/// *Errors*: what the registry refuses.
pub async fn create(
    client: &RegistryClient,
    package: &NamedPackage,
    publisher: &TrustedPublisher,
    permissions: &[Permission],
) -> Result<Vec<Map<String, Value>>, Diagnostic> {
    let request = ApiRequest {
        body: ApiBody::Json(json!([publisher.relation(permissions)])),
        ..package.request(Method::POST, target(package))
    };
    Ok(relations(call(client, &request).await?))
}

/// The pipelines that may publish a package.
///
/// *Errors*: what the registry refuses.
pub async fn list(
    client: &RegistryClient,
    package: &NamedPackage,
) -> Result<Vec<Map<String, Value>>, Diagnostic> {
    Ok(relations(call(client, &package.request(Method::GET, target(package))).await?))
}

/// Trusts a pipeline no more.
///
/// *Errors*: what the registry refuses.
pub async fn revoke(client: &RegistryClient, package: &NamedPackage, id: &str) -> Result<(), Diagnostic> {
    let request = package.request(Method::DELETE, format!("{}/{}", target(package), path_segment(id)));
    client.request(&request).await.map_err(|error| registry_problem(&error))?;
    Ok(())
}

/// The settings of a relation by npm's names for them, as `trust` takes them; texts and lists of texts. Of an issuer of
/// one's own, `issuer` and the object `claims`.
pub fn settings(relation: &Map<String, Value>) -> Vec<(&'static str, Value)> {
    let kind = relation.get("type").and_then(Value::as_str).unwrap_or_default();
    let paths: &[(&str, &[&str])] = match kind {
        "github" => &[
            ("file", &["workflow_ref", "file"]),
            ("repository", &["repository"]),
            ("environment", &["environment"]),
        ],
        "gitlab" => &[
            ("file", &["ci_config_ref_uri", "file"]),
            ("project", &["project_path"]),
            ("environment", &["environment"]),
        ],
        "circleci" => &[
            ("orgId", &["oidc.circleci.com/org-id"]),
            ("projectId", &["oidc.circleci.com/project-id"]),
            ("pipelineDefinitionId", &["oidc.circleci.com/pipeline-definition-id"]),
            ("vcsOrigin", &["oidc.circleci.com/vcs-origin"]),
            ("contextIds", &["oidc.circleci.com/context-ids"]),
        ],
        _ => &[],
    };
    let claim =
        |path: &[&str]| path.iter().try_fold(relation.get("claims")?, |claims, name| claims.get(name));
    let issuer = claim(&[ISSUER]).map(|issuer| ("issuer", issuer.clone()));
    let known = paths.iter().filter_map(|(name, path)| Some((*name, claim(path)?.clone())));
    let claims = relation.get("claims").and_then(Value::as_object).filter(|_| kind == "oidc").map(|claims| {
        let own = claims.iter().filter(|(name, _)| *name != ISSUER);
        ("claims", own.map(|(name, value)| (name.clone(), value.clone())).collect())
    });
    issuer.into_iter().chain(known).chain(claims).collect()
}

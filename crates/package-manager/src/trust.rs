//! `trust`: which pipelines of which providers may publish a package without a token. Source: npm 11.19.1.
//!
//! Does not publish, and does not ask whether to go on.

use diagnostics::Diagnostic;
use http::Method;
use npm_formats::hosted_git::{GitHost, HostedGit};
use registry_client::{ApiBody, ApiRequest, RegistryClient, path_segment};
use serde_json::{Map, Value, json};

use crate::account::call;
use crate::manifest_file::ManifestFile;
use crate::named_package::NamedPackage;
use crate::ping::registry_problem;
use crate::settings::Settings;

/// A pipeline that is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pipeline {
    /// A workflow file of a repository.
    GitHub { file: String, repository: String, environment: Option<String> },
    /// A pipeline file of a project.
    GitLab { file: String, project: String, environment: Option<String> },
    /// A pipeline definition; all but the origin are UUIDs.
    CircleCi { org: String, project: String, definition: String, vcs_origin: String, contexts: Vec<String> },
}

/// What a trusted pipeline may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    Publish,
    StagePublish,
}

impl Permission {
    fn word(self) -> &'static str {
        match self {
            Self::Publish => "createPackage",
            Self::StagePublish => "createStagedPackage",
        }
    }
}

impl Pipeline {
    /// The provider's name, and what of it may publish.
    pub fn provider(&self) -> (&'static str, &'static str) {
        match self {
            Self::GitHub { .. } => ("GitHub Actions", "GitHub repository"),
            Self::GitLab { .. } => ("GitLab CI/CD", "GitLab project"),
            Self::CircleCi { .. } => ("CircleCI", "CircleCI pipeline"),
        }
    }

    /// What is wrong with it, if anything.
    pub fn problem(&self) -> Option<String> {
        match self {
            Self::GitHub { file, repository, .. } => file_problem(file).or_else(|| {
                let is_pair = repository.split('/').filter(|part| !part.is_empty()).count() == 2
                    && repository.matches('/').count() == 1;
                (!is_pair).then(|| format!("{repository} is no repository: write <owner>/<repository>"))
            }),
            Self::GitLab { file, project, .. } => file_problem(file).or_else(|| {
                let is_path = project.contains('/') && project.split('/').all(|part| !part.is_empty());
                (!is_path).then(|| format!("{project} is no project: write <group>/<project>"))
            }),
            Self::CircleCi { org, project, definition, vcs_origin, contexts } => {
                let ids = [("org-id", org), ("project-id", project), ("pipeline-definition-id", definition)];
                let ids = ids.into_iter().chain(contexts.iter().map(|context| ("context-id", context)));
                let mut wrong = ids.filter(|(_, id)| !is_uuid(id));
                wrong.next().map(|(name, _)| format!("--{name} is no UUID")).or_else(|| {
                    let is_origin = !vcs_origin.contains("://") && vcs_origin.split('/').count() >= 3;
                    (!is_origin)
                        .then(|| format!("{vcs_origin} is no origin: write <host>/<owner>/<repository>"))
                })
            }
        }
    }

    /// The relation as the registry is told it: `type`, `claims`, `permissions`.
    pub fn relation(&self, permissions: &[Permission]) -> Map<String, Value> {
        let with_environment = |mut claims: Value, environment: &Option<String>| {
            if let (Some(environment), Some(claims)) = (environment, claims.as_object_mut()) {
                claims.insert("environment".to_owned(), environment.as_str().into());
            }
            claims
        };
        let (kind, claims) = match self {
            Self::GitHub { file, repository, environment } => {
                let claims = json!({ "repository": repository, "workflow_ref": { "file": file } });
                ("github", with_environment(claims, environment))
            }
            Self::GitLab { file, project, environment } => {
                let claims = json!({ "project_path": project, "ci_config_ref_uri": { "file": file } });
                ("gitlab", with_environment(claims, environment))
            }
            Self::CircleCi { org, project, definition, vcs_origin, contexts } => {
                let mut claims = json!({
                    "oidc.circleci.com/org-id": org,
                    "oidc.circleci.com/project-id": project,
                    "oidc.circleci.com/pipeline-definition-id": definition,
                    "oidc.circleci.com/vcs-origin": vcs_origin,
                });
                if let Some(claims) = claims.as_object_mut().filter(|_| !contexts.is_empty()) {
                    claims.insert("oidc.circleci.com/context-ids".to_owned(), contexts.clone().into());
                }
                ("circleci", claims)
            }
        };
        let permissions: Vec<Value> = permissions.iter().map(|permission| permission.word().into()).collect();
        Map::from_iter([
            ("type".to_owned(), kind.into()),
            ("claims".to_owned(), claims),
            ("permissions".to_owned(), permissions.into()),
        ])
    }

    /// The pages of what is trusted.
    pub fn pages(&self) -> Vec<String> {
        match self {
            Self::GitHub { file, repository, .. } => {
                let page = format!("https://{}/{repository}", GitHost::GitHub.domain());
                vec![format!("{page}/blob/HEAD/.github/workflows/{file}"), page]
            }
            Self::GitLab { file, project, .. } => {
                let page = format!("https://{}/{project}", GitHost::GitLab.domain());
                vec![format!("{page}/-/blob/HEAD/{file}"), page]
            }
            Self::CircleCi { vcs_origin, .. } => vec![format!("https://{vcs_origin}")],
        }
    }
}

fn file_problem(file: &str) -> Option<String> {
    let is_yaml = file.ends_with(".yml") || file.ends_with(".yaml");
    if !is_yaml {
        return Some(format!("--file={file} is no pipeline: it ends in .yml or .yaml"));
    }
    file.contains(['/', '\\'])
        .then(|| format!("--file={file} is a path: only the name of the file is wanted"))
}

fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

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
    pipeline: &Pipeline,
    permissions: &[Permission],
) -> Result<Vec<Map<String, Value>>, Diagnostic> {
    let request = ApiRequest {
        body: ApiBody::Json(json!([pipeline.relation(permissions)])),
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

/// The settings of a relation by npm's names for them, as `trust` takes them; texts and lists of texts.
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
    paths.iter().filter_map(|(name, path)| Some((*name, claim(path)?.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipelines_that_cannot_be_are_told() {
        let uuid = "0b1c2d3e-0000-4000-8000-0123456789ab";
        let github = |file: &str, repository: &str| Pipeline::GitHub {
            file: file.to_owned(),
            repository: repository.to_owned(),
            environment: None,
        };
        let gitlab = |file: &str, project: &str| Pipeline::GitLab {
            file: file.to_owned(),
            project: project.to_owned(),
            environment: None,
        };
        let circle = |org: &str, origin: &str| Pipeline::CircleCi {
            org: org.to_owned(),
            project: uuid.to_owned(),
            definition: uuid.to_owned(),
            vcs_origin: origin.to_owned(),
            contexts: Vec::new(),
        };
        let rows = [
            (github("ci.yml", "a/b"), true),
            (github("ci.txt", "a/b"), false),
            (github("x/ci.yml", "a/b"), false),
            (github("ci.yaml", "a"), false),
            (github("ci.yaml", "a/b/c"), false),
            (gitlab(".gitlab-ci.yml", "a/b/c"), true),
            (gitlab(".gitlab-ci.yml", "a"), false),
            (circle(uuid, "git.example/a/b"), true),
            (circle("x", "git.example/a/b"), false),
            (circle(uuid, "https://git.example/a/b"), false),
            (circle(uuid, "a/b"), false),
        ];
        for (pipeline, is_valid) in rows {
            assert_eq!(pipeline.problem().is_none(), is_valid, "{pipeline:?}");
        }
    }
}

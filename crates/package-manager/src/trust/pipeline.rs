//! Which pipelines there are to trust, and how a registry is told of each. Source: npm 11.19.1; what an issuer of one's
//! own is trusted for is knit's registry's.
//!
//! Does not ask registries for anything.

use npm_formats::hosted_git::GitHost;
use serde_json::{Map, Value, json};
use url::{Host, Url};

/// What names the issuer in its id-tokens.
pub(super) const ISSUER: &str = "iss";

/// A pipeline that is trusted, by the word of an issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedPublisher {
    pub pipeline: Pipeline,
    /// Whose id-tokens, as it stands in them; without it, those of the only issuer that the registry knows of the kind.
    pub issuer: Option<String>,
}

/// A pipeline that is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pipeline {
    /// A workflow file of a repository.
    GitHub { file: String, repository: String, environment: Option<String> },
    /// A pipeline file of a project.
    GitLab { file: String, project: String, environment: Option<String> },
    /// A pipeline definition; all but the origin are UUIDs.
    CircleCi { org: String, project: String, definition: String, vcs_origin: String, contexts: Vec<String> },
    /// Whatever has id-tokens with these claims, names and values; one that stands here twice is a list with both in it.
    Oidc { claims: Vec<(String, String)> },
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

impl TrustedPublisher {
    /// Whose pipelines they are, and who may publish by them.
    pub fn provider(&self) -> (&str, &'static str) {
        match &self.pipeline {
            Pipeline::GitHub { .. } => ("GitHub Actions", "Anyone with GitHub repository write access"),
            Pipeline::GitLab { .. } => ("GitLab CI/CD", "Anyone with GitLab project write access"),
            Pipeline::CircleCi { .. } => ("CircleCI", "Anyone with CircleCI pipeline write access"),
            Pipeline::Oidc { .. } => {
                let issuer = self.issuer.as_deref().unwrap_or_default();
                (issuer, "Anyone whom it gives an id-token with these claims")
            }
        }
    }

    /// What is wrong with it, if anything.
    pub fn problem(&self) -> Option<String> {
        let issuer = self.issuer.as_deref().and_then(issuer_problem);
        issuer.or_else(|| self.pipeline.problem())
    }

    /// The relation as the registry is told it: `type`, `claims`, `permissions`.
    pub fn relation(&self, permissions: &[Permission]) -> Map<String, Value> {
        let mut claims = self.pipeline.claims();
        if let Some(issuer) = &self.issuer {
            claims.insert(ISSUER.to_owned(), issuer.as_str().into());
        }
        let permissions: Vec<Value> = permissions.iter().map(|permission| permission.word().into()).collect();
        Map::from_iter([
            ("type".to_owned(), self.pipeline.kind().into()),
            ("claims".to_owned(), claims.into()),
            ("permissions".to_owned(), permissions.into()),
        ])
    }

    /// The pages of what is trusted, where the issuer is known to have some.
    pub fn pages(&self) -> Vec<String> {
        match (&self.pipeline, &self.issuer) {
            (Pipeline::GitHub { file, repository, .. }, None) => {
                let page = format!("https://{}/{repository}", GitHost::GitHub.domain());
                vec![format!("{page}/blob/HEAD/.github/workflows/{file}"), page]
            }
            (Pipeline::GitLab { file, project, .. }, issuer) => {
                let page = match issuer {
                    Some(issuer) => format!("{}/{project}", issuer.trim_end_matches('/')),
                    None => format!("https://{}/{project}", GitHost::GitLab.domain()),
                };
                vec![format!("{page}/-/blob/HEAD/{file}"), page]
            }
            (Pipeline::CircleCi { vcs_origin, .. }, _) => vec![format!("https://{vcs_origin}")],
            (Pipeline::GitHub { .. } | Pipeline::Oidc { .. }, _) => Vec::new(),
        }
    }
}

impl Pipeline {
    fn kind(&self) -> &'static str {
        match self {
            Self::GitHub { .. } => "github",
            Self::GitLab { .. } => "gitlab",
            Self::CircleCi { .. } => "circleci",
            Self::Oidc { .. } => "oidc",
        }
    }

    fn problem(&self) -> Option<String> {
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
            Self::Oidc { claims } => claims.iter().find_map(|(name, value)| claim_problem(name, value)),
        }
    }

    fn claims(&self) -> Map<String, Value> {
        let text = |name: &str, value: &str| (name.to_owned(), Value::from(value));
        let file = |name: &str, file: &str| (name.to_owned(), json!({ "file": file }));
        let environment = |name: &Option<String>| name.as_deref().map(|name| text("environment", name));
        match self {
            Self::GitHub { file: name, repository, environment: place } => {
                let claims = [text("repository", repository), file("workflow_ref", name)];
                claims.into_iter().chain(environment(place)).collect()
            }
            Self::GitLab { file: name, project, environment: place } => {
                let claims = [text("project_path", project), file("ci_config_ref_uri", name)];
                claims.into_iter().chain(environment(place)).collect()
            }
            Self::CircleCi { org, project, definition, vcs_origin, contexts } => {
                let claims = [
                    text("oidc.circleci.com/org-id", org),
                    text("oidc.circleci.com/project-id", project),
                    text("oidc.circleci.com/pipeline-definition-id", definition),
                    text("oidc.circleci.com/vcs-origin", vcs_origin),
                ];
                let contexts = (!contexts.is_empty())
                    .then(|| ("oidc.circleci.com/context-ids".to_owned(), contexts.clone().into()));
                claims.into_iter().chain(contexts).collect()
            }
            Self::Oidc { claims } => {
                let mut lists: Map<String, Value> = Map::new();
                for (name, value) in claims {
                    match lists.get_mut(name) {
                        None => drop(lists.insert(name.clone(), value.as_str().into())),
                        Some(Value::Array(values)) => values.push(value.as_str().into()),
                        Some(first) => *first = json!([first.take(), value]),
                    }
                }
                lists
            }
        }
    }
}

/// Issuers are compared with what stands in id-tokens, letter by letter.
fn issuer_problem(issuer: &str) -> Option<String> {
    let is_loopback = |url: &Url| match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match Url::parse(issuer) {
        Ok(url) if url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url) => None,
        _ => Some(format!(
            "--issuer={issuer} is no issuer: write its https:// address as it stands in \"iss\""
        )),
    }
}

fn claim_problem(name: &str, value: &str) -> Option<String> {
    if name == ISSUER {
        return Some("the claim iss is what --issuer says".to_owned());
    }
    (name.is_empty() || value.is_empty()).then(|| format!("--claim={name} is no claim: write <name>=<value>"))
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
        let oidc = |claims: &[(&str, &str)]| {
            let claims = claims.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            Pipeline::Oidc { claims: claims.collect() }
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
            (oidc(&[("sub", "job:release"), ("ref", "main")]), true),
            (oidc(&[("sub", "")]), false),
            (oidc(&[("", "x")]), false),
            (oidc(&[("iss", "https://ci.example")]), false),
        ];
        for (pipeline, is_valid) in rows {
            assert_eq!(pipeline.problem().is_none(), is_valid, "{pipeline:?}");
        }
    }

    #[test]
    fn issuers_have_addresses_that_nobody_can_listen_to() {
        for (issuer, is_valid) in [
            ("https://ci.example", true),
            ("https://ci.example/oidc/", true),
            ("http://127.0.0.1:8080", true),
            ("http://[::1]", true),
            ("http://localhost", true),
            ("http://ci.example", false),
            ("ci.example", false),
            ("", false),
        ] {
            assert_eq!(issuer_problem(issuer).is_none(), is_valid, "{issuer}");
        }
    }
}

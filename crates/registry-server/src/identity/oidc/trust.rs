//! Which workflows a package trusts to publish it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Claims;

/// What npm calls the permission to publish versions.
const PUBLISH: &str = "createPackage";

/// And the one to have versions wait for approval.
const STAGE: &str = "createStagedPackage";

/// The claim that every provider's id-tokens have, and no publisher must name: several issuers may be of one kind.
const ISSUER: &str = "iss";

/// Claims of the id-token itself: they do not say whose workflow it is of.
const OF_THE_TOKEN: [&str; 6] = [ISSUER, "aud", "exp", "nbf", "iat", "jti"];

/// Who runs workflows; what an issuer's id-tokens say depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    GitHub,
    GitLab,
    CircleCi,
    /// Any other issuer: claims are compared as they are.
    Oidc,
}

impl Provider {
    /// What settings and documents call it.
    pub fn word(self) -> &'static str {
        match self {
            Provider::GitHub => "github",
            Provider::GitLab => "gitlab",
            Provider::CircleCi => "circleci",
            Provider::Oidc => "oidc",
        }
    }
}

/// Why a description of a trusted publisher is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrustRefusal {
    #[error("the trusted publisher cannot be read: {problem}")]
    Shape { problem: String },
    #[error("the trusted publisher must say \"{claim}\"")]
    Missing { claim: String },
    #[error("the trusted publisher must say by a claim whose workflow it means, as \"sub\" does")]
    Anybody,
    #[error("the permissions of a trusted publisher are {PUBLISH}, {STAGE} or both")]
    Permissions,
}

/// A workflow that may publish a package.
///
/// Shape: as `npm trust` sends it: `{"type": "github", "claims": {"repository": "acme/core", "workflow_ref":
/// {"file": "release.yml"}}, "permissions": ["createPackage"]}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrustedPublisher {
    #[serde(rename = "type")]
    provider: Provider,
    claims: Map<String, Value>,
    permissions: Vec<String>,
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "type")]
    provider: Provider,
    claims: Map<String, Value>,
    #[serde(default)]
    permissions: Option<Vec<String>>,
}

impl TrustedPublisher {
    /// Errors: a shape that is not the provider's; less than what names a workflow.
    pub fn from_json(document: Value) -> Result<TrustedPublisher, TrustRefusal> {
        let publisher = TrustedPublisher::read(document)?;
        if publisher.permissions.is_empty()
            || publisher.permissions.iter().any(|one| one != PUBLISH && one != STAGE)
        {
            return Err(TrustRefusal::Permissions);
        }
        publisher.check()?;
        Ok(publisher)
    }

    /// One that was taken before, by the rules of its time.
    ///
    /// Errors: a shape that none ever had.
    pub(crate) fn read(document: Value) -> Result<TrustedPublisher, TrustRefusal> {
        let shape = |error: serde_json::Error| TrustRefusal::Shape { problem: error.to_string() };
        let document: Document = serde_json::from_value(document).map_err(shape)?;
        let permissions = document.permissions.unwrap_or_else(|| vec![PUBLISH.to_owned()]);
        Ok(TrustedPublisher { provider: document.provider, claims: document.claims, permissions })
    }

    /// The issuer whose workflow it means, where it says that.
    pub fn issuer(&self) -> Option<&str> {
        self.claims.get(ISSUER)?.as_str()
    }

    /// Whether it may publish versions.
    pub fn publishes(&self) -> bool {
        self.permissions.iter().any(|permission| permission == PUBLISH)
    }

    /// Whether it may have versions wait for approval.
    pub fn stages(&self) -> bool {
        self.permissions.iter().any(|permission| permission == STAGE)
    }

    pub fn provider(&self) -> Provider {
        self.provider
    }

    /// What npm's answers have, but for the `id`.
    pub fn to_json(&self) -> Value {
        serde_json::json!(self)
    }

    /// Whether a believed id-token is that of the workflow.
    pub fn trusts(&self, claims: &Claims) -> bool {
        self.claims.iter().all(|(name, wanted)| match (self.provider, name.as_str()) {
            (Provider::GitHub, "repository") => claims
                .text(name)
                .zip(wanted.as_str())
                .is_some_and(|(found, wanted)| found.eq_ignore_ascii_case(wanted)),
            (Provider::GitHub, "workflow_ref") => github_file(claims) == wanted_file(wanted),
            (Provider::GitLab, "ci_config_ref_uri") => gitlab_file(claims) == wanted_file(wanted),
            _ => {
                let found = claims.texts(name);
                let has = |item: &Value| item.as_str().is_some_and(|item| found.contains(&item));
                wanted.as_array().map_or_else(|| has(wanted), |items| items.iter().all(has))
            }
        })
    }

    /// Every claim must be one that is compared, and those that make it one workflow must be there.
    fn check(&self) -> Result<(), TrustRefusal> {
        let (needed, optional): (&[&str], &[&str]) = match self.provider {
            Provider::GitHub => (&["repository", "workflow_ref"], &["environment"]),
            Provider::GitLab => (&["project_path", "ci_config_ref_uri"], &["environment"]),
            Provider::CircleCi => (
                &[
                    "oidc.circleci.com/org-id",
                    "oidc.circleci.com/project-id",
                    "oidc.circleci.com/pipeline-definition-id",
                    "oidc.circleci.com/vcs-origin",
                ],
                &["oidc.circleci.com/context-ids"],
            ),
            Provider::Oidc => (&[], &[]),
        };
        let of_the_token = |name: &String| OF_THE_TOKEN.contains(&name.as_str());
        if needed.is_empty() && self.claims.keys().all(of_the_token) {
            return Err(TrustRefusal::Anybody);
        }
        if let Some(missing) = needed.iter().find(|name| !self.claims.contains_key(**name)) {
            return Err(TrustRefusal::Missing { claim: (*missing).to_owned() });
        }
        for (name, value) in &self.claims {
            let known =
                name == ISSUER || needed.contains(&name.as_str()) || optional.contains(&name.as_str());
            if !known && self.provider != Provider::Oidc {
                return Err(TrustRefusal::Shape { problem: format!("there is no claim \"{name}\"") });
            }
            let filled = match value {
                Value::String(text) => !text.is_empty(),
                Value::Array(items) => {
                    name != ISSUER && !items.is_empty() && items.iter().all(Value::is_string)
                }
                Value::Object(_) => {
                    self.provider != Provider::Oidc && wanted_file(value).is_some_and(|file| !file.is_empty())
                }
                _ => false,
            };
            if !filled {
                return Err(TrustRefusal::Missing { claim: name.clone() });
            }
        }
        Ok(())
    }
}

fn wanted_file(wanted: &Value) -> Option<&str> {
    wanted.get("file")?.as_str()
}

/// `owner/repository/.github/workflows/FILE@refs/...`, in the repository that the id-token is of.
fn github_file(claims: &Claims) -> Option<&str> {
    let place = claims.text("workflow_ref")?;
    let (repository, file) = place.split_once("/.github/workflows/")?;
    repository.eq_ignore_ascii_case(claims.text("repository")?).then_some(())?;
    file.split_once('@').map(|(file, _)| file)
}

/// `host/group/project//FILE@refs/...`, in the project that the id-token is of.
fn gitlab_file(claims: &Claims) -> Option<&str> {
    let place = claims.text("ci_config_ref_uri")?;
    let (project, file) = place.split_once("//")?;
    let (_host, project) = project.split_once('/')?;
    (project == claims.text("project_path")?).then_some(())?;
    file.split_once('@').map(|(file, _)| file)
}

//! The options that `trust` alone has, such as `--file`. They are no configuration keys, in npm neither, so they are
//! put behind `--` before the command line is taken apart.

use diagnostics::Diagnostic;
use package_manager::trust::{Permission, Pipeline, TrustedPublisher};

/// An option: its name, other names, whether a value follows.
type Known = (&'static str, &'static [&'static str], bool);

const KNOWN: [Known; 14] = [
    ("file", &[], true),
    ("repository", &["repo"], true),
    ("project", &[], true),
    ("environment", &["env"], true),
    ("org-id", &[], true),
    ("project-id", &[], true),
    ("pipeline-definition-id", &[], true),
    ("vcs-origin", &[], true),
    ("context-id", &[], true),
    ("issuer", &[], true),
    ("claim", &[], true),
    ("id", &[], true),
    ("allow-publish", &[], false),
    ("allow-stage-publish", &["allow-staged-publish"], false),
];

/// Puts the options of `trust` behind a `--`, each as `--name=value`.
pub fn translate(words: &mut Vec<String>) {
    if words.first().is_none_or(|word| word != "trust") {
        return;
    }
    let (mut kept, mut own) = (Vec::new(), vec!["--".to_owned()]);
    let mut rest = std::mem::take(words).into_iter();
    while let Some(word) = rest.next() {
        if word == "--" {
            break;
        }
        let (name, value) = match word.strip_prefix("--").map(|option| option.split_once('=')) {
            Some(Some((name, value))) => (name.to_owned(), Some(value.to_owned())),
            _ => (word.trim_start_matches("--").to_owned(), None),
        };
        let known = KNOWN.iter().find(|(known, also, _)| *known == name || also.contains(&name.as_str()));
        match known.filter(|_| word.starts_with("--")) {
            None => kept.push(word),
            Some((name, _, takes_value)) => {
                let value = match (value, takes_value) {
                    (Some(value), _) => value,
                    (None, true) => rest.next().unwrap_or_default(),
                    (None, false) => "true".to_owned(),
                };
                own.push(format!("--{name}={value}"));
            }
        }
    }
    own.extend(rest);
    kept.extend(own);
    *words = kept;
}

/// What was given to `trust`.
#[derive(Debug, Default)]
pub struct TrustOptions {
    /// The action and the package.
    pub words: Vec<String>,
    values: Vec<(String, String)>,
}

impl TrustOptions {
    /// Reads what [`translate`] has put together.
    pub fn read(arguments: &[String]) -> Self {
        let mut options = Self::default();
        for argument in arguments {
            match argument.strip_prefix("--").and_then(|option| option.split_once('=')) {
                Some((name, value)) => options.values.push((name.to_owned(), value.to_owned())),
                None => options.words.push(argument.clone()),
            }
        }
        options
    }

    /// The last value of an option; an empty one is none.
    pub fn get(&self, name: &str) -> Option<String> {
        let last = self.values.iter().rev().find(|(known, _)| known == name);
        last.map(|(_, value)| value.clone()).filter(|value| !value.is_empty())
    }

    /// Whether a switch is on.
    fn flag(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value != "false")
    }

    /// What it is given to do.
    pub fn permissions(&self) -> Vec<Permission> {
        let permissions =
            [("allow-publish", Permission::Publish), ("allow-stage-publish", Permission::StagePublish)];
        let given = permissions.into_iter().filter(|(name, _)| self.flag(name));
        given.map(|(_, permission)| permission).collect()
    }

    /// All values of an option.
    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.values.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whom the options describe. `own_repository` is that of the package itself, at the provider.
    ///
    /// *Errors*: `EUSAGE` for what is missing or no such thing.
    pub fn publisher(
        &self,
        provider: &str,
        own_repository: Option<String>,
    ) -> Result<TrustedPublisher, Diagnostic> {
        let issuer = self.get("issuer");
        // at another issuer, a repository of that name is somebody else's
        let own_repository = own_repository.filter(|_| issuer.is_none());
        if provider == "oidc" && issuer.is_none() {
            return Err(missing(provider, "issuer"));
        }
        let publisher = TrustedPublisher { pipeline: self.pipeline(provider, own_repository)?, issuer };
        match publisher.problem() {
            Some(problem) => Err(Diagnostic::error("EUSAGE", problem)),
            None => Ok(publisher),
        }
    }

    fn pipeline(&self, provider: &str, own_repository: Option<String>) -> Result<Pipeline, Diagnostic> {
        let need = |name: &str| self.get(name).ok_or_else(|| missing(provider, name));
        let or_own =
            |value: Option<String>, name: &str| value.or(own_repository).map_or_else(|| need(name), Ok);
        let environment = self.get("environment");
        Ok(match provider {
            "github" => Pipeline::GitHub {
                file: need("file")?,
                repository: or_own(self.get("repository"), "repository")?,
                environment,
            },
            "gitlab" => Pipeline::GitLab {
                file: need("file")?,
                project: or_own(self.get("project").or_else(|| self.get("repository")), "project")?,
                environment,
            },
            "oidc" => Pipeline::Oidc { claims: self.claims()? },
            _ => Pipeline::CircleCi {
                org: need("org-id")?,
                project: need("project-id")?,
                definition: need("pipeline-definition-id")?,
                vcs_origin: need("vcs-origin")?,
                contexts: self.all("context-id").map(str::to_owned).collect(),
            },
        })
    }

    fn claims(&self) -> Result<Vec<(String, String)>, Diagnostic> {
        let claims = self.all("claim").map(|claim| {
            let (name, value) = claim.split_once('=').unwrap_or((claim, ""));
            (name.to_owned(), value.to_owned())
        });
        let claims: Vec<(String, String)> = claims.collect();
        if claims.is_empty() { Err(missing("oidc", "claim")) } else { Ok(claims) }
    }
}

fn missing(provider: &str, option: &str) -> Diagnostic {
    Diagnostic::error("EUSAGE", format!("`trust {provider}` needs --{option}"))
        .with_hint("run `knit help trust` for its usage")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_go_behind_the_rest() {
        let rows = [
            ("trust github x --file ci.yml --json", "trust github x --json -- --file=ci.yml"),
            (
                "trust github --repo=a/b x --allow-publish",
                "trust github x -- --repository=a/b --allow-publish=true",
            ),
            ("trust revoke x --id 1 -- --y", "trust revoke x -- --id=1 --y"),
            ("trust gitlab --env", "trust gitlab -- --environment="),
            (
                "trust oidc x --claim sub=a=b --claim=ref=main --yes",
                "trust oidc x --yes -- --claim=sub=a=b --claim=ref=main",
            ),
            ("install --file x", "install --file x"),
        ];
        for (before, after) in rows {
            let mut words: Vec<String> = before.split(' ').map(str::to_owned).collect();
            translate(&mut words);
            assert_eq!(words.join(" "), after);
        }
    }
}

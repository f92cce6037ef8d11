//! Trusted publishing: a build server vouches for the build, and the registry gives a short-lived token for one
//! package in exchange. Source: npm 11.19.1; the documentation of GitHub Actions, GitLab and CircleCI.

use diagnostics::Diagnostic;
use http::header::{AUTHORIZATION, HeaderValue};
use npm_formats::config::nerf_dart;
use npm_formats::package_name::PackageName;
use registry_client::{ApiBody, ApiRequest, ClientOptions, Credential, RegistryClient, Secret};
use serde::Deserialize;
use url::Url;

use crate::ping::registry_problem;

/// What a build server gives to the builds that it runs.
#[derive(Clone, Debug)]
pub enum BuildServer {
    /// A token that says what is built.
    IdToken(Secret),
    /// An address that gives such a token for an audience, and the token to ask it with.
    IdTokenRequest { address: Url, token: Secret },
}

/// The token of the registry for publishing the package.
///
/// *Errors*: a build server or a registry that gives none, as where nobody declared the build to be trusted.
pub async fn exchange(
    client: &RegistryClient,
    registry: &Url,
    package: &str,
    server: &BuildServer,
) -> Result<Secret, Diagnostic> {
    let id_token = match server {
        BuildServer::IdToken(token) => token.clone(),
        BuildServer::IdTokenRequest { address, token } => id_token(client, registry, address, token).await?,
    };
    #[derive(Deserialize)]
    struct Exchanged {
        token: String,
    }
    let name = PackageName::parse(package)
        .map_err(|error| Diagnostic::error("EINVALIDPACKAGENAME", error.to_string()))?;
    let path = format!("/-/npm/v1/oidc/token/exchange/package/{}", name.escaped());
    let mut request = ApiRequest::new(http::Method::POST, path);
    request.package = Some(package.to_owned());
    request.body = ApiBody::None;
    request.headers.insert(AUTHORIZATION, bearer(&id_token)?);
    let answer = client.request(&request).await.map_err(|error| registry_problem(&error))?;
    let exchanged: Exchanged = answer.json().map_err(|error| registry_problem(&error))?;
    Ok(Secret::new(exchanged.token))
}

/// Asks the build server; the registry's host is the audience.
async fn id_token(
    client: &RegistryClient,
    registry: &Url,
    address: &Url,
    token: &Secret,
) -> Result<Secret, Diagnostic> {
    #[derive(Deserialize)]
    struct Issued {
        value: String,
    }
    let mut address = address.clone();
    let audience = format!("npm:{}", registry.host_str().unwrap_or_default());
    address.query_pairs_mut().append_pair("audience", &audience);
    let mut request = ApiRequest::new(http::Method::GET, address.as_str());
    request.headers.insert(AUTHORIZATION, bearer(token)?);
    let answer = client.request(&request).await.map_err(|error| registry_problem(&error))?;
    let issued: Issued = answer.json().map_err(|error| registry_problem(&error))?;
    Ok(Secret::new(issued.value))
}

fn bearer(token: &Secret) -> Result<HeaderValue, Diagnostic> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.reveal())).map_err(|_| {
        Diagnostic::error("EINVALIDTOKEN", "the build server's token cannot stand in a header")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// The options of a client that speaks to the registry with a token.
pub fn with_token(mut options: ClientOptions, registry: &Url, token: &Secret) -> ClientOptions {
    if let Some(prefix) = nerf_dart(registry.as_str()) {
        options.credentials.insert(prefix, Credential::token(token.reveal()));
    }
    options
}
